"""Plain memory: memoryviews, mmaps, and objects of ctypes; views of one block are one location."""

from __future__ import annotations

from collections.abc import Callable

import pytest

HEAD = """
import array, ctypes, mmap
class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]
class Pair(ctypes.Structure):
    _fields_ = [("a", Point), ("b", Point), ("n", ctypes.c_int * 2)]
p, q, n = Point(), Pair(), ctypes.c_int(0)
points, ints = (Point * 2)(), (ctypes.c_int * 3)()
m, b, a = mmap.mmap(-1, 16), bytearray(8), array.array("i", [0, 0, 0])
v, w = memoryview(b)[2:6], memoryview(a)
"""


@pytest.mark.parametrize(
    ("source", "location"),
    [
        ("p.x += 1", "p.x"),
        ("n.value += 1", "n.value"),
        ("ints[-1] += 1", "ints[2]"),
        ("m[3] += 1", "m[3]"),
        ("v[0] += 1", "b[2]"),
        ("v[::2][1] += 1", "b[4]"),
        ("w[-1] += 1", "a[2]"),
        ("b[2] += 1", "b[2]"),
    ],
)
def test_an_item_or_field_is_one_location(
    source: str, location: str, accesses: Callable[[str], list[tuple[str, str, object]]]
) -> None:
    found = [access for access in accesses(f"{HEAD}\n{source}\n") if access[0] != "iterate"]
    assert found == [("read", location, 0), ("write", location, 1)]


@pytest.mark.parametrize(
    ("one", "same", "others"),
    [
        ("q.a.x", "q.a.x", ["q.b.x", "q.a.y"]),
        ("q.n[1]", "q.n[-1]", ["q.n[0]"]),
        ("points[1].y", "points[-1].y", ["points[0].y", "points[1].x"]),
    ],
)
def test_a_part_is_the_same_each_time(
    one: str,
    same: str,
    others: list[str],
    accesses: Callable[[str], list[tuple[str, str, object]]],
) -> None:
    uses = [one, same, *others]
    source = "\n".join(f"{use} = {number}" for number, use in enumerate(uses, 10))
    writes = {value: name for op, name, value in accesses(HEAD + source) if op == "write"}
    names = [writes[number] for number, _ in enumerate(uses, 10)]
    assert names[0] == names[1]
    assert len(set(names)) == 1 + len(others)


def test_slices_are_accesses_to_the_whole(
    accesses: Callable[[str], list[tuple[str, str, object]]],
) -> None:
    source = f"{HEAD}\nm[0:2] = b'ab'\nm[0:2]\nv[0:1]\nv[0:1] = b'c'\n"
    found = [access[:2] for access in accesses(source)]
    assert found == [("update", "m[*]"), ("read", "m[*]"), ("update", "b[*]")]
