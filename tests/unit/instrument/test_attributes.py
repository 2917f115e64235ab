"""Attributes that are called, accessed by computed names, and annotated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tracer.events import NO_VALUE

Accesses = Callable[[str], list[tuple[str, str, object]]]


def test_a_callback_is_data_and_a_method_is_not(accesses: Accesses) -> None:
    source = """
        class C:
            default = staticmethod(print)
            def __init__(self, f):
                self.callback = f
                self.append = f
            def method(self):
                return 1
        c = C(lambda *a: 5)
        c.callback()
        c.append(3)
        c.method(), c.default, "".join([]), c.__init__
        [].append(1)
    """
    reads = [target for op, target, _ in accesses(source) if op == "read"]
    assert reads == ["c.callback", "c.append"]


def test_a_callback_stored_elsewhere(run: Callable[..., Any]) -> None:
    class Box:
        pass

    box = Box()
    box.on_event = lambda: 1  # type: ignore[attr-defined]
    trace, _ = run("def f():\n    box.on_event()\nf()\n", box=box)
    assert [e.site.text for e in trace.events if e.op.label == "read"] == ["on_event"]


def test_attributes_by_computed_names(accesses: Accesses) -> None:
    source = """
        class C:
            shared = 1
            def method(self): pass
        c = C()
        for name in ["x"]:
            hasattr(c, name)
            setattr(c, name, 2)
            getattr(c, name)
            hasattr(c, name)
            delattr(c, name)
            getattr(c, name, 3)
        getattr(c, "shared"), getattr(c, "method"), getattr(c, "__class__")
        getattr(*[c, "shared"])
    """
    found = [access for access in accesses(source) if access[0] != "iterate"]
    assert found == [
        ("read", "c.x", False),
        ("write", "c.x", 2),
        ("read", "c.x", 2),
        ("read", "c.x", True),
        ("delete", "c.x", NO_VALUE),
        ("read", "c.x", 3),
        ("read", "C.shared", 1),
    ]


def test_annotated_attributes_at_every_level(accesses: Accesses) -> None:
    source = """
        class C:
            n: int = 1
        c = C()
        c.n: int = c.n + 1
        def f():
            c.n: int = 3
        f()
        class D:
            c.n: int = 4
    """
    assert accesses(source) == [
        ("read", "C.n", 1),
        *[("write", "c.n", n) for n in (2, 3, 4)],
    ]
