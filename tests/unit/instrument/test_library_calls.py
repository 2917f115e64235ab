"""Containers that are given to functions of the standard library; methods that are passed on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Accesses = Callable[[str], list[tuple[str, str, object]]]

HEAD = """
import bisect, collections, copy, functools, heapq, itertools, json, pickle, random
from heapq import heappush
class Key(str):
    def __lt__(self, other): return str(self) < str(other)
x, d, odd = [3, 1, 2], {"a": 1}, [Key("b"), Key("a")]
"""
CALLS = {
    "heappush(x, 5)": [("update", "x[*]")],
    "heapq.heappop(x)": [("update", "x[*]")],
    "heapq.heapify(x)": [("update", "x[*]")],
    "heapq.heapreplace(x, 3)": [("update", "x[*]")],
    "heapq.nsmallest(1, x)": [("iterate", "x[*]")],
    "bisect.insort(x, 2)": [("update", "x[*]")],
    "bisect.bisect(x, 2)": [("read", "x[*]")],
    "random.shuffle(x)": [("iterate", "x[*]"), ("update", "x[*]")],
    "random.Random(1).shuffle(x)": [("iterate", "x[*]"), ("update", "x[*]")],
    "random.choice(x)": [("read", "x[*]")],
    "random.sample(x, 1)": [("iterate", "x[*]")],
    "json.dumps(x)": [("iterate", "x[*]")],
    "json.dumps([x, {'k': x}])": [],
    "json.dumps({'k': d} | {})": [("iterate", "d[*]")],
    "pickle.dumps(d)": [("iterate", "d[*]")],
    "copy.copy(d)": [("iterate", "d[*]")],
    "collections.deque(x)": [("iterate", "x[*]")],
    "functools.reduce(max, x)": [("iterate", "x[*]")],
    "','.join(d)": [("read", "d[*]")],
    "','.join(odd)": [("iterate", "odd[*]")],
    "list(d)": [("read", "d[*]")],
    "dict(d)": [("read", "d[*]")],
    "d.copy()": [("read", "d[*]")],
    "sorted(x)": [("read", "x[*]")],
    "max(x)": [("read", "x[*]")],
    "sorted(odd)": [("iterate", "odd[*]")],
    "sorted(x, key=abs)": [("iterate", "x[*]")],
    "list(map(str, x))": [("iterate", "x[*]")],
    "x[0], x[-1]": [("read", "x[0]"), ("read", "x[2]")],
}


@pytest.mark.parametrize("call", CALLS)
def test_a_container_that_is_given_away(call: str, accesses: Accesses) -> None:
    found = [access[:2] for access in accesses(f"{HEAD}\n{call}\n")]
    ours = ("x", "d", "odd")
    assert [access for access in found if access[1].partition("[")[0] in ours] == CALLS[call]


def test_functions_of_the_program_with_such_names(accesses: Accesses) -> None:
    source = "def merge(*given): pass\ndef dumps(given): pass\nx = []\nmerge(x), dumps(x)\n"
    assert accesses(source) == []


def test_what_is_in_it_is_gone_through_too(accesses: Accesses) -> None:
    source = "import json\nd = {'in': [1]}\nd['in'][0]\njson.dumps(d)\n"
    iterated = [access[1] for access in accesses(source) if access[0] == "iterate"]
    assert iterated == ["d[*]", "d['in'][*]"]


def test_a_failing_change_is_recorded_as_raised(run: Callable[..., Any]) -> None:
    source = "import heapq\nx = []\ntry: heapq.heappop(x)\nexcept IndexError: pass\n"
    trace, _ = run(source)
    event = next(e for e in trace.events if e.op.is_access)
    assert (event.op.label, event.target, event.value) == ("update", "x[*]", "IndexError")


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("add = x.append\nadd(4)", [("update", "x[*]", 4)]),
        ("list(map(x.append, [4, 5]))", [("update", "x[*]", 4), ("update", "x[*]", 5)]),
        ("functools.partial(x.append, 4)()", [("update", "x[*]", 4)]),
        ("get = d.get\nget('a')\nget('b', 0)", [("read", "d['a']", 1), ("read", "d['b']", 0)]),
        ("list(map(d.pop, ['a']))", [("update", "d['a']", 1)]),
        ("class C: pass\nc = C()\nc.add = x.append\nc.add(4)", [("update", "x[*]", 4)]),
    ],
)
def test_a_method_that_is_kept(
    use: str, expected: list[tuple[str, str, object]], accesses: Accesses
) -> None:
    found = [a for a in accesses(f"{HEAD}\n{use}\n") if a[1][0] in "xd" and a[0] != "iterate"]
    assert found == expected


def test_a_kept_method_is_what_it_was(run: Callable[..., Any]) -> None:
    _, namespace = run(
        "x, y, d = [], [], {}\nadd, other, get = x.append, y.append, d.get\nsame = x.append\n"
    )
    x, add, same, other, get = (namespace[name] for name in ("x", "add", "same", "other", "get"))
    assert type(add) is type(len)
    assert (add.__self__, add.__name__, add.__qualname__) == (x, "append", "list.append")
    assert add.__doc__ == [].append.__doc__
    assert add == same
    assert hash(add) == hash(same)
    assert add != other
    assert add != get
    assert repr(add).startswith("<built-in method append of list object at 0x")
    with pytest.raises(TypeError, match=r"list.append\(\) takes exactly one argument \(0 given\)"):
        add()
    with pytest.raises(TypeError, match=r"list.append\(\) takes no keyword arguments"):
        add(value=1)
