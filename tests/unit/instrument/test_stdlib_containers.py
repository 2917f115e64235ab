"""Containers of the standard library, and subclasses of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tracer.events import NO_VALUE

Accesses = Callable[[str], list[tuple[str, str, object]]]


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ("collections.Counter(k=1)", "x['k']"),
        ("collections.OrderedDict(k=1)", "x['k']"),
        ("collections.defaultdict(int, k=1)", "x['k']"),
    ],
)
def test_dicts_of_collections(made: str, name: str, accesses: Accesses) -> None:
    source = f"import collections\nx = {made}\nx['k'] += 2\n'k' in x\nx.get('k')\ndel x['k']\n"
    assert accesses(source) == [
        ("read", name, 1),
        ("write", name, 3),
        ("read", name, True),
        ("read", name, 3),
        ("delete", name, NO_VALUE),
    ]


def test_what_a_counter_has_in_python(run: Callable[..., Any]) -> None:
    source = """
        import collections
        x = collections.Counter()
        x["none"] += 1
        x.update("aab")
        x.subtract("a")
        x.most_common(1), x.total(), list(x.elements())
        del x["gone"]
        del x["none"]
    """
    trace, _ = run(source)
    found = [(e.op.label, e.target) for e in trace.events if e.op.is_access and e.location.object]
    assert found == [
        ("read", "x['none']"),
        ("write", "x['none']"),
        ("update", "x[*]"),
        ("update", "x[*]"),
        ("iterate", "x[*]"),
        ("iterate", "x[*]"),
        ("iterate", "x[*]"),
        ("read", "x['gone']"),
        ("delete", "x['none']"),
    ]


def test_arrays(run: Callable[..., Any]) -> None:
    source = """
        import array
        x = array.array("i", [5, 6])
        x[0] += 1
        x[-1], x[0:1], len(x), 5 in x
        x.append(7), x.pop(), x.extend([1]), x.index(6), x.tolist()
        for n in x: pass
        x[0:1] = array.array("i", [9])
        del x[0]
    """
    trace, _ = run(source)
    found = [
        (e.op.label, e.target, e.structural, e.indexed) for e in trace.events if e.target[:1] == "x"
    ]
    assert found == [
        ("read", "x[0]", False, True),
        ("write", "x[0]", False, True),
        ("read", "x[1]", False, True),
        ("read", "x[*]", False, True),
        ("read", "x[*]", False, False),
        ("read", "x[*]", False, False),
        ("update", "x[*]", True, False),
        ("update", "x[*]", True, False),
        ("update", "x[*]", True, False),
        ("read", "x[*]", False, False),
        ("read", "x[*]", False, False),
        ("iterate", "x[*]", False, False),
        ("update", "x[*]", False, True),
        ("update", "x[*]", True, False),
    ]


def test_an_operator_that_a_subclass_has_itself_is_one_access(run: Callable[..., Any]) -> None:
    source = """
        class Lower(dict):
            def __getitem__(self, key):
                return super().__getitem__(key.lower())
            def __setitem__(self, key, value):
                super().__setitem__(key.lower(), value)
            def __delitem__(self, key):
                dict.__delitem__(self, key.lower())
            def __contains__(self, key):
                return super().__contains__(key.lower())
            def __len__(self):
                return super().__len__()
        class Checked(list):
            def __setitem__(self, index, value):
                list.__setitem__(self, index, value)
            def append(self, value):
                super().append(value)
        x, y = Lower(), Checked([1])
        x["A"] = 1
        x["A"] += 1
        "A" in x, len(x)
        del x["A"]
        y[0] = 5
        y.append(6)
    """
    trace, _ = run(source)
    found = [(e.op.label, e.target, e.site.line) for e in trace.events if e.target[:1] in "xy"]
    assert found == [
        ("write", "x['a']", 19),
        ("read", "x['a']", 20),
        ("write", "x['a']", 20),
        ("read", "x['a']", 21),
        ("read", "x[*]", 21),
        ("delete", "x['a']", 22),
        ("write", "y[0]", 23),
        ("update", "y[*]", 17),
    ]


def test_a_subclass_that_keeps_its_items_elsewhere(accesses: Accesses) -> None:
    source = """
        class Other(dict):
            def __init__(self): self.kept = {}
            def __setitem__(self, key, value): self.kept[key] = value
        x = Other()
        x["a"] = 1
    """
    assert [access for access in accesses(source) if "'a'" in access[1]] == [
        ("write", "x.kept['a']", 1)
    ]


def test_a_missing_item_was_looked_for_before_it_is_made(accesses: Accesses) -> None:
    source = """
        class Made(dict):
            def __missing__(self, key):
                value = self[key] = 7
                return value
        x = Made()
        x["a"]
        x["a"]
    """
    assert [access[:2] for access in accesses(source)] == [
        ("read", "x['a']"),
        ("write", "x['a']"),
        ("read", "x['a']"),
    ]


def test_methods_of_the_class(accesses: Accesses) -> None:
    source = """
        x, y = {"a": 1}, [1]
        dict.get(x, "a"), dict.__getitem__(x, "a"), dict.pop(x, "a")
        list.append(y, 2), list.__len__(y)
    """
    assert [access[:2] for access in accesses(source)] == [
        ("read", "x['a']"),
        ("read", "x['a']"),
        ("update", "x['a']"),
        ("update", "y[*]"),
        ("read", "y[*]"),
    ]
