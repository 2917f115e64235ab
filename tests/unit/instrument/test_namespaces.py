"""Variables that are reached as items of a dict."""

from __future__ import annotations

from collections.abc import Callable

import pytest

HEAD = """
class C: pass
c = C()
n = 0
def count():
    global n
    n += 1
count()
"""


@pytest.mark.parametrize(
    ("source", "location"),
    [
        ("globals()['n'] += 1", "prog.n"),
        ("names = globals()\nnames['n'] += 1", "prog.n"),
        ("c.__dict__['x'] = 0\nvars(c)['x'] += 1\nc.x", "c.x"),
        ("c.x = 0\nc.__dict__['x'] += 1", "c.x"),
        ("vars(c).update(x=0)\nc.x", "c.x"),
        ("'x' in vars(c), c.__dict__.get('x'), hasattr(c, 'x')", "c.x"),
        ("vars(c).setdefault('x', 0)\ndel c.__dict__['x']", "c.x"),
    ],
)
def test_an_item_of_a_namespace_is_the_variable(
    source: str, location: str, accesses: Callable[[str], list[tuple[str, str, object]]]
) -> None:
    found = accesses(f"{HEAD}\n{source}\n")
    done = [name for _, name, _ in found].index("prog.n")
    counted = 3 + done  # what `count()` did comes first
    assert {name for _, name, _ in found[counted:] if name != "names"} == {location}
