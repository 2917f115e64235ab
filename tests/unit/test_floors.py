"""Imports point down, and go round in no circle, in the rooms that are listed: the list grows until
it has all of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from floors import Graph, circles, python_files, room_of, rooms, rust_files

pytestmark = pytest.mark.one_version

# The ground first; the rooms of one line import none of each other.
TRACER = [
    {"bytecode", "errors", "folders", "ops", "printing", "progress"},
    {"events", "settings"},
    {"sources"},
]
CORE = [
    {"gil", "model", "ops", "process", "text", "thread_owned"},
    {"cpython", "fileformat"},
]
HALVES = [
    pytest.param(python_files, TRACER, id="tracer"),
    pytest.param(rust_files, CORE, id="core"),
]


@pytest.mark.parametrize(("read", "floors"), HALVES)
def test_imports_point_down(read: Callable[[], Graph], floors: list[set[str]]) -> None:
    files = read()
    height = {room: level for level, listed in enumerate(floors) for room in listed}
    assert height.keys() <= rooms(files).keys()
    up = [
        f"{file} imports {other}"
        for file, imported in sorted(files.items())
        for other in sorted(imported)
        if (floor := height.get(room_of(file))) is not None
        and room_of(other) != room_of(file)
        and height.get(room_of(other), len(floors)) >= floor
    ]
    assert up == []


@pytest.mark.parametrize(("read", "floors"), HALVES)
def test_no_file_imports_itself_by_way_of_others(
    read: Callable[[], Graph], floors: list[set[str]]
) -> None:
    listed = {
        file: other for file, other in read().items() if room_of(file) in set().union(*floors)
    }
    assert circles(listed) == []


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}) == [
        ["b", "c"]
    ]
    assert circles({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []


def test_what_is_known_to_import_is_read() -> None:
    python, rust = python_files(), rust_files()
    assert {"folders.py", "ops.py", "printing.py"} <= python["events.py"]
    assert {"gil.rs", "text.rs"} <= rust["cpython/frames.rs"]
    assert "cpython/types.rs" in rust["cpython/deaths.rs"]  # by `super`
    assert "record/identity.rs" in rust["hooks/names.rs"]  # in braces
