"""An augmented assignment of a number in a place that its hook knows is recorded at once. It does
and records the same as any other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tracer.events import NO_VALUE

Accesses = Callable[..., list[tuple[str, str, object]]]

PROGRAM = """
class MyInt(int):
    def __radd__(self, other):
        seen.append(other)
        return 100
class Box:
    pass
seen, errors, box = [], [], Box()
n = box.n = {first}
def add(by):
    global n
    try:
        n += by
    except TypeError as error:
        errors.append(str(error))
    try:
        box.n += by
    except TypeError as error:
        errors.append(str(error))
for by in {operands}:
    add(by)
"""


@pytest.mark.parametrize(
    ("first", "operands", "values"),
    [
        ("0", "(1, 2.5, -7, True)", [(0, 1), (1, 3.5), (3.5, -3.5), (-3.5, -2.5)]),
        ("0", "(1, None, 'x', 2)", [(0, 1), (1,), (1,), (1, 3)]),
        ("0", "(1, MyInt(5), 1)", [(0, 1), (1, 100), (100, 101)]),
        ("'a'", "('b', 'c')", [("a", "ab"), ("ab", "abc")]),
    ],
)
def test_reads_and_writes(
    accesses: Accesses, first: str, operands: str, values: list[tuple[object, ...]]
) -> None:
    recorded = accesses(PROGRAM.format(first=first, operands=operands))
    for place in ("prog.n", "box.n"):
        found = [(op, value) for op, where, value in recorded if where == place]
        steps = [pair for pairs in values for pair in zip(("read", "write"), pairs, strict=False)]
        assert found[1:] == steps


def test_numbers_too_long_to_be_kept(run: Callable[..., tuple[object, dict[str, object]]]) -> None:
    _, variables = run(PROGRAM.format(first="2**62", operands="(2**62, 2**62, -2**70)"))
    assert variables["n"] == variables["box"].n == 3 * 2**62 - 2**70


def test_the_place_may_change_between_two_rounds(accesses: Accesses) -> None:
    source = """
        class Box:
            def __init__(self):
                self.n = 0
        box, made = Box(), []
        def add():
            try:
                box.n += 1
            except AttributeError:
                made.append(1)
        add()
        add()
        del box.n
        add()
        box.n = 5
        add()
        Box.n = property(lambda self: 7, lambda self, value: made.append(value))
        add()
        assert made == [1, 8]
    """
    assert [(op, value) for op, where, value in accesses(source) if where == "box.n"] == [
        ("write", 0),
        ("read", 0),
        ("write", 1),
        ("read", 1),
        ("write", 2),
        ("delete", NO_VALUE),
        ("write", 5),
        ("read", 5),
        ("write", 6),
    ]


def test_a_container_that_is_changed_in_place(accesses: Accesses) -> None:
    source = """
        class Own(list):
            def __iadd__(self, other):
                return self
        def add(l, d, s, n, own):
            l += [1]
            d |= {"k": 2}
            s -= {3}
            n += ()
            own += [4]
            try:
                l += ((), *None)
            except TypeError:
                pass
            try:
                l += (int(x) for x in "1x")
            except ValueError:
                pass
        items, table, seen = [], {}, {3}
        add(items, table, seen, (), Own())
        items += [5]
    """
    found = accesses(source)
    changed = [(op, where) for op, where, _ in found if "[" in where and op != "iterate"]
    assert changed == [
        ("update", "items[*]"),
        ("write", "table['k']"),
        ("update", "seen[*]"),
        ("update", "items[*]"),
        ("update", "items[*]"),
    ]
