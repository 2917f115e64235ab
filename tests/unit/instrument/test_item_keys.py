"""The keys of items: by type and value, named as in source, and no method of theirs is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEAD = """
import collections, datetime, decimal, enum
class Colour(enum.Enum):
    RED = 1
    GREEN = 2
class Level(enum.IntEnum):
    LOW = 3
class Word(enum.StrEnum):
    YES = "yes"
class Outer:
    class Inner: pass
class Text(str): pass
Point = collections.namedtuple("Point", "x y")
def handler(): pass
def make():
    class Local: pass
    return Local
one, other = make(), make()
d = {}
"""

NAMES = {
    "0.25": "d[0.25]",
    "True": "d[True]",
    "2.0": "d[2.0]",
    "float('inf')": "d[inf]",
    "(1, 2)": "d[(1, 2)]",
    "(1,)": "d[(1,)]",
    "()": "d[()]",
    "((1, 'a'), None, b'x', 0.5, True)": "d[((1, 'a'), None, b'x', 0.5, True)]",
    "(Colour.RED, Level.LOW, Outer.Inner)": "d[(Colour.RED, Level.LOW, Outer.Inner)]",
    "Point(1, 2)": "d[(1, 2)]",
    "frozenset({2, 1})": "d[frozenset({1, 2})]",
    "Colour.GREEN": "d[Colour.GREEN]",
    "Level.LOW": "d[Level.LOW]",
    "Word.YES": "d[Word.YES]",
    "Outer": "d[Outer]",
    "Outer.Inner": "d[Outer.Inner]",
    "one": "d[Local]",
    "int": "d[int]",
    "handler": "d[handler]",
    "2**64": "d[18446744073709551616]",
    "-1": "d[-1]",
    "1j": "d[1j]",
    "None": "d[None]",
    "b'ab'": "d[b'ab']",
    "Text('a')": "d['a']",
    "datetime.date(2024, 5, 6)": "d[datetime.date(2024, 5, 6)]",
    "decimal.Decimal('1.5')": "d[Decimal('1.5')]",
}


def items(run: Callable[..., Any], source: str) -> list[str]:
    """The names of the items that the source writes, one for each write."""
    trace, _ = run(HEAD + source)
    writes = [event for event in trace.events if event.op.label == "write" and event.location]
    return [event.location.name for event in writes if event.location.object]


@pytest.mark.parametrize("key", NAMES)
def test_a_key_is_named_as_in_source(key: str, run: Callable[..., Any]) -> None:
    assert items(run, f"d[{key}] = 0\n") == [NAMES[key]]


@pytest.mark.parametrize(
    "keys",
    [
        "1, True, 1.0, 1 + 0j",
        "Level.LOW, 3, 3.0",
        "'yes', Word.YES, Text('yes')",
        "(1, 2), Point(True, 2.0), (1, 2)",
        "10**20, 1e20",
        "0, -0.0, False",
        "frozenset('ab'), frozenset('ba')",
        "datetime.date(2024, 5, 6), datetime.date(2024, 5, 6)",
    ],
)
def test_keys_that_are_one_to_a_dict_are_one_location(keys: str, run: Callable[..., Any]) -> None:
    assert len(set(items(run, f"for key in [{keys}]: d[key] = 0\n"))) == 1


@pytest.mark.parametrize(
    "keys",
    [
        "1, '1', b'1', (1,), 1.5, 1j, None",
        "Colour.RED, Colour.GREEN, Level.LOW",
        "one, other",
        "(one, 1), (other, 1)",
        "(object(), 1), (object(), 1)",
        "(1, 2), (1, '2'), ((1, 2),), (1, 2, None)",
        "2**64, 2**64 + 1, -(2**64), 10**5000",
        "datetime.date(2024, 5, 6), datetime.datetime(2024, 5, 6)",
        "'\\udc80', '\\udc81'",
    ],
)
def test_other_keys_are_other_locations(keys: str, run: Callable[..., Any]) -> None:
    named = items(run, f"keys = [{keys}]\nfor key in keys: d[key] = 0\n")
    assert len(set(named)) == len(named) > 1


def test_the_methods_of_a_key_are_not_called(run: Callable[..., Any]) -> None:
    source = """
calls = []
class Key:
    def __hash__(self): calls.append("hash"); return 1
    def __eq__(self, other): calls.append("eq"); return self is other
    def __repr__(self): calls.append("repr"); return "key"
class Number(int):
    def __hash__(self): calls.append("int hash"); return 1
    def __index__(self): calls.append("index"); return 1
key, number, pair = Key(), Number(5), (Key(), Number(6))
for one in key, number, pair:
    d[one] = 0
made = calls
"""
    _, namespace = run(HEAD + source)
    calls = namespace["made"]
    assert not {"repr", "index"} & set(calls)
    # One of each for the dict itself.
    assert (calls.count("hash"), calls.count("int hash")) == (2, 2)


def test_the_index_of_a_sequence_is_whatever_number_stands_for_it(
    accesses: Callable[..., list[tuple[str, str, object]]],
) -> None:
    source = "l = [5, 6, 7]\ni = 2\nl[True]\nl[i]\nl[-i]\n"
    reads = [target for op, target, _ in accesses(source) if op == "read" and "[" in target]
    assert reads == ["l[1]", "l[2]", "l[1]"]
