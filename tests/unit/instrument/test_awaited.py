"""Which tests a thread cannot get past before they come out so: they are among their own guards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., tuple[Any, dict[str, Any]]]

PREPARED = """
import threading
ready, closed, items, tries = False, False, [], 0
room = threading.Condition()
def is_ready():
    return ready
def f(k):
    global ready, closed
"""


def awaited(run: Run, body: str) -> set[str]:
    trace, _ = run(PREPARED + f"    {body}\n    ready = True\n    closed = True\n")
    # The process has the sites of earlier tests, too.
    file = [site.file for site in trace.sites if site.text == "closed = True"][-1]
    own = [site for site in trace.sites if site.file == file]
    return {site.text for site in own if site.id in site.guards}


@pytest.mark.parametrize(
    ("body", "tests"),
    [
        ("while not ready: pass", {"ready"}),
        ("while not ready and not closed: pass", set()),
        ("while not ready or not closed: pass", {"ready", "closed"}),
        ("while not (ready and closed): pass", {"ready", "closed"}),
        ("while not items: room.wait()", {"items"}),
        ("while items: items.pop()", set()),
        ("while not ready:\n        if k: break", set()),
        ("while not ready:\n        if k: return", set()),
        ("while not ready:\n        for _ in (): break", {"ready"}),
        ("while True:\n        if ready: break", {"ready"}),
        ("while True:\n        with room:\n            if ready: return", {"ready"}),
        ("while True:\n        if ready: break\n        if k: return", set()),
        ("while True:\n        if ready or closed: break", set()),
        ("if not ready: pass", set()),
        ("for _ in range(3):\n        if ready: break", set()),
        ("room.wait_for(lambda: ready)", {"ready"}),
        ("room.wait_for(is_ready)", {"ready"}),
    ],
)
def test_awaited(run: Run, body: str, tests: set[str]) -> None:
    assert awaited(run, body) == tests
