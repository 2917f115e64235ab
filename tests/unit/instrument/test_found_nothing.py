"""A look that finds nothing is a read of the place where it would have been."""

from __future__ import annotations

import textwrap
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracer.events import Outcome
from tracer.instrument import importhook

HEAD = """
class Base: pass
class Meta(type):
    made = 0
    @property
    def computed(cls): return 1
    @computed.setter
    def computed(cls, value): pass
class C(Base, metaclass=Meta):
    below = 1
class Slots:
    __slots__ = ("x",)
class Lazy:
    def __getattr__(self, name): raise AttributeError(name)
c, s, z, d = C(), Slots(), Lazy(), {}
"""

LOOKS = {
    "hasattr(c, 'x')": ("c.x", False),
    "hasattr(C, 'x')": ("C.x", False),
    "hasattr(s, 'x')": ("s.x", False),
    "hasattr(z, 'x')": ("z.x", False),
    "getattr(c, 'x', 5)": ("c.x", 5),
    "getattr(C, 'x', None)": ("C.x", None),
    "getattr(z, 'x', 5)": ("z.x", 5),
    "c.x": ("c.x", "AttributeError"),
    "C.x": ("C.x", "AttributeError"),
    "s.x": ("s.x", "AttributeError"),
    "getattr(c, 'x')": ("c.x", "AttributeError"),
    "getattr(C, 'x')": ("C.x", "AttributeError"),
    "'x' in d": ("d['x']", False),
    "d['x']": ("d['x']", "KeyError"),
    "d.get('x')": ("d['x']", None),
    "d.get('x', 7)": ("d['x']", 7),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_that_finds_nothing(look: str, run: Callable[..., Any]) -> None:
    trace, _ = run(f"{HEAD}\ntry: {look}\nexcept (AttributeError, KeyError): pass\n")
    name, value = LOOKS[look]
    found = [event for event in trace.events if event.location and event.location.name == name]
    assert [(event.op.label, event.value) for event in found] == [("read", value)]
    raised = isinstance(value, str) and value.endswith("Error")
    assert found[0].outcome is (Outcome.RAISED if raised else Outcome.OK)


@pytest.mark.parametrize(
    ("gone", "location"), [("del c.x", "c.x"), ("delattr(C, 'x')", "C.x"), ("del s.x", "s.x")]
)
def test_a_deletion_of_nothing(gone: str, location: str, run: Callable[..., Any]) -> None:
    trace, _ = run(f"{HEAD}\ntry: {gone}\nexcept AttributeError: pass\n")
    found = [event for event in trace.events if event.location and event.location.name == location]
    assert [(event.op.label, event.value, event.outcome) for event in found] == [
        ("delete", "AttributeError", Outcome.RAISED)
    ]


@pytest.mark.parametrize(
    ("access", "location"),
    [
        ("c.below", "C.below"),
        ("C.below", "C.below"),
        ("getattr(c, 'below')", "C.below"),
        ("C.made", "Meta.made"),
        ("hasattr(C, 'made')", "Meta.made"),
        ("C.computed", None),
        ("C.computed = 3", None),
        ("C.made = 3", "C.made"),
        ("int.missing_there", None),
    ],
)
def test_where_a_class_has_it(
    access: str, location: str | None, accesses: Callable[[str], list[tuple[str, str, object]]]
) -> None:
    found = accesses(f"{HEAD}\ntry: {access}\nexcept AttributeError: pass\n")
    names = [name for _, name, _ in found if name.partition(".")[0] in ("C", "Meta", "int", "type")]
    assert names == ([] if location is None else [location])


def test_globals_of_another_module(tmp_path: Path, run: Callable[..., Any]) -> None:
    source = """
        import os
        cache = None
        def get():
            return cache
        def put(value):
            global cache
            cache = value
    """
    config = types.ModuleType("config_of_test")
    file = str(tmp_path / "config_of_test.py")
    code = importhook.compile_source(textwrap.dedent(source), file, "config_of_test")
    exec(code, config.__dict__)
    source = """
        hasattr(config, "late"), getattr(config, "late", 1)
        config.late = 5
        config.late
        config.cache, config.get(), config.put(2), config.cache
        config.os, config.get
    """
    trace, _ = run(source, config=config)
    found = [(e.op.label, e.target, e.value) for e in trace.events if e.op.is_access]
    assert found == [
        ("read", "config_of_test.late", False),
        ("read", "config_of_test.late", 1),
        ("write", "config_of_test.late", 5),
        ("read", "config_of_test.late", 5),
        ("read", "config_of_test.cache", None),
        ("read", "config_of_test.cache", None),
        ("write", "config_of_test.cache", 2),
        ("read", "config_of_test.cache", 2),
    ]
