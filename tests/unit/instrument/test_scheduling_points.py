"""With `scheduling`, code that accesses a name by itself passes a point before each access."""

from __future__ import annotations

import marshal
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tracer.instrument import description

Passed = Callable[[str], list[str]]
Make = Callable[[str, Any], object]

NAMES = [f"{op}_{kind}" for op in ("read", "write", "delete") for kind in ("global", "cell")]


@pytest.fixture
def put_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Make], None]:
    """`put_in(make)`: in the place of each hook is what `make` makes of its kind and itself."""

    def put_in(make: Make) -> None:
        def enter(packed: bytes, *arguments: str) -> list[object]:
            kinds = [row[0] for row in description.Description(*marshal.loads(packed)).hooks]
            return [make(*one) for one in zip(kinds, entered(packed, *arguments), strict=True)]

        monkeypatch.setattr(description, "enter", enter)

    entered = description.enter
    return put_in


class Watched:
    """A hook that notes in a log that it is reached."""

    def __init__(self, kind: str, hook: Any, log: list[str]) -> None:
        self.kind, self.hook, self.log = kind, hook, log

    def __getitem__(self, operand: object) -> object:
        self.log.append(self.kind)
        result: object = self.hook[operand]
        return result


@pytest.fixture
def passed(run: Callable[..., Any], put_in: Callable[[Make], None]) -> Passed:
    """`passed(source)`: the points that the source passes and the records that it makes."""

    def passed(source: str) -> list[str]:
        log: list[str] = []

        def make(kind: str, hook: object) -> object:
            named = kind.removeprefix("before_") in NAMES
            return Watched(kind, hook, log) if named else hook

        put_in(make)
        run(source, scheduling=True)
        return log

    return passed


def pairs(*names: str) -> list[str]:
    """Each point directly before its record."""
    return [hook for name in names for hook in (f"before_{name}", name)]


def test_globals(passed: Passed) -> None:
    source = """
        num = 1
        def f():
            global num, g
            num
            num += 2
            (num := 3)
            del num
            num = 4
            def g(): pass
        def g(): pass
        f()
    """
    names = ["write", "write", "read", "read", "write", "write", "delete", "write", "write"]
    assert passed(source) == pairs(*[f"{name}_global" for name in names])


def test_closure_cells(passed: Passed) -> None:
    source = """
        def outer():
            n = 0
            def inner():
                nonlocal n
                n += 1
            inner()
            return n
        outer()
    """
    names = ["write_cell", "read_cell", "write_cell", "read_cell"]
    assert passed(source) == pairs(*names)


class OtherThread:
    """A scheduling point at which another thread stores 50 in the global `num`."""

    def __getitem__(self, operand: object) -> None:
        sys._getframe(1).f_globals["num"] = 50


def test_what_happens_at_the_point_is_seen_by_the_access(
    run: Callable[..., Any], put_in: Callable[[Make], None]
) -> None:
    put_in(lambda kind, hook: OtherThread() if kind == "before_read_global" else hook)
    trace, namespace = run(
        """
        num = 1
        num = 2
        def f():
            return num
        seen = f()
        """,
        scheduling=True,
    )
    assert namespace["seen"] == 50
    reads = [event for event in trace.events if event.op.label == "read"]
    assert [event.value for event in reads if event.target == "prog.num"] == [50]
