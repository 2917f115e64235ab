"""Wrappers of the standard library: what is done to one is done to the container inside."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from tracer.events import NO_VALUE

Accesses = Callable[[str], list[tuple[str, str, object]]]


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ("collections.UserDict(k='1')", "x.data['k']"),
        ("collections.ChainMap({'k': '1'})", "x.maps[0]['k']"),
    ],
)
def test_operators_of_mappings(made: str, name: str, accesses: Accesses) -> None:
    source = f"""
        import collections
        x = {made}
        x["k"] += "2"
        "k" in x
        x.get("k")
        del x["k"]
    """
    assert accesses(source) == [
        ("read", name, "1"),
        ("write", name, "12"),
        ("read", name, True),
        ("read", name, "12"),
        ("delete", name, NO_VALUE),
    ]


def test_the_environment(accesses: Accesses) -> None:
    source = """
        import os
        os.environ["TRACED"] = "1"
        os.environ["TRACED"] += "2"
        "TRACED" in os.environ
        os.environ.get("TRACED")
        os.environ.setdefault("TRACED", "3")
        os.environ.pop("TRACED")
        os.environ.pop("TRACED", None)
    """
    name = "os.environ['TRACED']"
    assert accesses(source) == [
        ("write", name, "1"),
        ("read", name, "1"),
        ("write", name, "12"),
        ("read", name, True),
        ("read", name, "12"),
        ("read", name, "12"),
        ("read", name, "12"),
        ("delete", name, NO_VALUE),
        ("read", name, NO_VALUE),
    ]


def test_what_mappings_do_in_two_steps_is_two_accesses(accesses: Accesses) -> None:
    source = """
        import collections
        x = collections.UserDict()
        x.setdefault("a", 1)
        x.setdefault("a", 2)
        x.pop("a")
        x.pop("a", None)
        x.get("a", 3)
    """
    assert accesses(source) == [
        ("read", "x.data['a']", NO_VALUE),
        ("write", "x.data['a']", 1),
        ("read", "x.data['a']", 1),
        ("read", "x.data['a']", 1),
        ("delete", "x.data['a']", NO_VALUE),
        ("read", "x.data['a']", NO_VALUE),
        ("read", "x.data['a']", NO_VALUE),
    ]


def test_a_chain_looks_into_one_map_after_the_other(accesses: Accesses) -> None:
    source = """
        import collections
        x = collections.ChainMap({}, collections.UserDict(a=1), {"a": 2})
        x["a"]
        x["a"] = 3
        "b" in x
    """
    assert accesses(source) == [
        ("read", "x.maps[0]['a']", NO_VALUE),
        ("read", "x.maps[1].data['a']", 1),
        ("write", "x.maps[0]['a']", 3),
        ("read", "x.maps[0]['b']", False),
        ("read", "x.maps[1].data['b']", False),
        ("read", "x.maps[2]['b']", False),
    ]


def test_a_list(run: Callable[..., Any]) -> None:
    source = """
        import collections
        x = collections.UserList([5, 6])
        x[0] += 1
        x[-1], len(x), 5 in x, x[0:1]
        x.append(7), x.pop(), x.extend([1]), x.index(6), x.sort(), x.remove(1)
        for n in x: pass
        x[0:1] = [9]
        del x[0]
    """
    trace, _ = run(source)
    found = [(e.op.label, e.target) for e in trace.events if e.target[:1] == "x"]
    assert found == [
        ("read", "x.data[0]"),
        ("write", "x.data[0]"),
        ("read", "x.data[1]"),
        *3 * [("read", "x.data[*]")],
        *3 * [("update", "x.data[*]")],
        ("iterate", "x.data[*]"),
        *2 * [("update", "x.data[*]")],
        ("iterate", "x.data[*]"),
        *2 * [("update", "x.data[*]")],
    ]


def test_what_the_program_reaches_inside_is_the_same(accesses: Accesses) -> None:
    source = """
        import collections
        class Lower(collections.UserDict):
            def __setitem__(self, key, value):
                self.data[key.lower()] = value
        x = Lower()
        x["A"] = 1
        x["a"]
    """
    assert [access for access in accesses(source) if "'a'" in access[1]] == [
        ("write", "x.data['a']", 1),
        ("read", "x.data['a']", 1),
    ]


@pytest.mark.parametrize(
    "failing",
    [
        "collections.UserDict()['a']",
        "collections.UserDict().pop('a')",
        "collections.ChainMap({})['a']",
        "collections.ChainMap({}).pop('a')",
        "collections.UserList()[0]",
        "collections.UserList().pop()",
        "os.environ['TRACED']",
        "os.environ[1]",
        "os.environ.pop('TRACED')",
        "os.environ.__setitem__('A=B', '1')",
    ],
)
def test_errors_are_those_of_the_wrapper(failing: str, run: Callable[..., Any]) -> None:
    source = f"""
        import collections, os, traceback
        try:
            {failing}
        except Exception as error:
            said = traceback.format_exception(error)
    """
    _, namespace = run(source)
    plain: dict[str, Any] = {}
    exec(textwrap.dedent(source), plain)

    def frames(said: list[str]) -> list[str]:
        return [line for line in said if "line 4" not in line]

    assert frames(namespace["said"]) == frames(plain["said"])


def test_types_that_do_it_in_a_way_of_their_own_are_left_to_it(accesses: Accesses) -> None:
    source = """
        import collections
        class Asked(collections.UserDict):
            def __getattribute__(self, name):
                asked.append(name)
                return super().__getattribute__(name)
        class Made(collections.UserDict):
            def __missing__(self, key): return 7
        asked = []
        x, y = Asked(), Made()
        x["a"] = 1
        print(asked, y["a"])
    """
    assert [access for access in accesses(source) if "'a'" in access[1]] == []
