"""With `scheduling`, code that accesses a name by itself passes a point before each access."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import pytest

from tracer import _core

Passed = Callable[[str], list[str]]

NAMES = [f"{op}_{kind}" for op in ("read", "write", "delete") for kind in ("global", "cell")]


@pytest.fixture
def passed(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Passed:
    """`passed(source)`: the points that the source passes and the records that it makes."""

    def passed(source: str) -> list[str]:
        log: list[str] = []

        def watch(hook: str) -> None:
            function: Callable[..., object] = vars(builtins)[f"@{hook}"]

            def watched(*arguments: object) -> object:
                log.append(hook)
                return function(*arguments)

            monkeypatch.setitem(vars(builtins), f"@{hook}", watched)

        _core.install_hooks()
        for name in NAMES:
            watch(name)
            watch(f"before_{name}")
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


def test_what_happens_at_the_point_is_seen_by_the_access(run: Callable[..., Any]) -> None:
    trace, namespace = run(
        """
        import builtins
        num = 1
        num = 2
        def other_thread(site):
            globals()["num"] = 50
        def f():
            return num
        hooks = vars(builtins)
        point = hooks["@before_read_global"]
        hooks["@before_read_global"] = other_thread
        try:
            seen = f()
        finally:
            hooks["@before_read_global"] = point
        """,
        scheduling=True,
    )
    assert namespace["seen"] == 50
    reads = [event for event in trace.events if event.op.label == "read"]
    assert [event.value for event in reads if event.target == "prog.num"] == [50]
