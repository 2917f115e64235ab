"""Imports point down, and go round in no circle."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import floors
import pytest
from floors import Graph, circles, python_files, room_of, rooms, rust_files

pytestmark = pytest.mark.one_version

# The ground first; the rooms of one line import none of each other.
TRACER = [
    {"bytecode", "errors", "folders", "kinds", "ops", "printing", "progress", "rows", "versions"},
    {"events", "fileformat", "settings"},
    {"runs", "sources"},
    {"instrument", "log"},
    {"analysis", "primitives"},
    {"futures", "multiprocessing", "queue", "recording", "threading", "trace"},
    {"__init__", "reporters"},
    {"supervising"},
    {"replaying"},
    {"exploring"},
    {"testing"},
    {"commands"},
    {"__main__"},
]
CORE = [
    {"gil", "index", "marshal", "model", "ops", "os", "reserve", "spool", "text", "thread_owned"},
    {"cpython", "fileformat"},
    {"analysis", "convert", "record"},
    {"primitives", "program", "control"},
    {"untraced"},
    {"inputs", "sync"},
    {"channels", "natives", "output"},
    {"hooks", "traffic"},
    {"children", "messages", "signals"},
    {"programs"},
    {"replay", "session"},
]
# What rests on a version of CPython: its number, what is private to it, structures of its objects,
# slots that are replaced, and the versions of types.
INSIDE = re.compile(
    r"\bPy_3_\d+|\b3\.1\d\b|\b_Py[A-Z]\w+|\bhead: ffi::PyObject\b|\btp_version_tag\b"
    r"|\(\*[^()]*(?:\([^()]*\))?[^()]*\)\.tp_\w+ = |&raw mut \(\*[^;]*\.tp_\w+|\.tp_\w+\.replace\("
)
# What goes by the version of Python.
VERSION = re.compile(r"\b3\.1\d\b|\b(?:version_info|hexversion)\b|\(3, 1\d\b")
# Who says it: what the tables ask, which versions there are, and what a trace was recorded on.
NUMBERED = {"versions.py", "pythons.py", "destination.py"}
# What each file of that room says of its dependence.
SAID = ("Versions:", "Check:", "Elsewhere:", "Safe:")

HALVES = [
    pytest.param(python_files, TRACER, id="tracer"),
    pytest.param(rust_files, CORE, id="core"),
]


@pytest.mark.parametrize(("read", "listed"), HALVES)
def test_imports_point_down(read: Callable[[], Graph], listed: list[set[str]]) -> None:
    files = read()
    height = {room: level for level, floor in enumerate(listed) for room in floor}
    assert sorted(height) == sorted(rooms(files))
    up = [
        f"{file} imports {other}"
        for file, imported in sorted(files.items())
        for other in sorted(imported)
        if room_of(other) != room_of(file) and height[room_of(other)] >= height[room_of(file)]
    ]
    assert up == []


@pytest.mark.parametrize("read", [python_files, rust_files], ids=["tracer", "core"])
def test_no_file_imports_itself_by_way_of_others(read: Callable[[], Graph]) -> None:
    assert circles(read()) == []


def test_a_tracer_of_the_programs_own_is_in_nobodys_way() -> None:
    """Ours are loaded as `racetrace.tracer`; by the other name it could be one of the program's."""
    wrong = [
        f"{file.relative_to(floors.ROOT)}:{node.lineno}"
        for file in sorted(
            [*floors.TRACER.rglob("*.py"), *(floors.ROOT / "racetrace").glob("*.py")]
        )
        for node in _loaded(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(_is_tracer(one.name) for one in node.names))
        or (isinstance(node, ast.ImportFrom) and not node.level and _is_tracer(str(node.module)))
    ]
    assert wrong == []


def _loaded(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of the tree but for what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _loaded(node)


def _is_tracer(name: str) -> bool:
    return name.partition(".")[0] == "tracer"


def test_what_rests_on_the_insides_of_cpython_lies_in_one_room() -> None:
    found = {
        f"{file.relative_to(floors.CORE)}: {match[0]}"
        for file in floors.CORE.rglob("*.rs")
        for match in INSIDE.finditer(file.read_text(encoding="utf-8"))
    }
    assert [one for one in sorted(found) if not one.startswith("cpython/")] == []
    assert found


@pytest.mark.parametrize(
    "text",
    [
        "cfg!(Py_3_13)",
        "// from 3.12 on",
        "_PyType_Lookup(kind, name)",
        "head: ffi::PyObject,",
        "(*kind).tp_version_tag",
        "(*class.cast::<ffi::PyTypeObject>()).tp_init = Some(opened);",
        "let place = &raw mut (*kind.cast::<ffi::PyTypeObject>()).tp_hash;",
        "(*kind).tp_init.replace(initialize)",
    ],
)
def test_what_rests_on_the_insides_is_seen(text: str) -> None:
    assert INSIDE.search(text)


def test_each_file_of_that_room_says_what_it_rests_on() -> None:
    silent = [
        f"{file.name}: {word}"
        for file in sorted((floors.CORE / "cpython").glob("*.rs"))
        if file.name != "mod.rs"
        for word in SAID
        if not re.search(rf"^//! {word} \S", file.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert silent == []


def versions_asked(file: Path) -> Iterator[str]:
    """Where the file goes by a version's number, but for what stands in a table."""
    text = file.read_text(encoding="utf-8")
    in_table = set()
    if file.parent.name == "primitives":
        within = [ast.parse(text)]
        for node in within:
            within += [
                child
                for child in ast.iter_child_nodes(node)
                if not isinstance(child, ast.FunctionDef)
            ]
            if isinstance(node, ast.Constant) and re.fullmatch(r"3\.1\d", str(node.value)):
                in_table.add(node.lineno)
    for number, line in enumerate(text.splitlines(), 1):
        if VERSION.search(line) and number not in in_table:
            yield f"{file.relative_to(floors.TRACER)}:{number}"


def test_python_goes_by_a_version_in_tables_only() -> None:
    files = [file for file in sorted(floors.TRACER.rglob("*.py")) if file.name not in NUMBERED]
    assert [place for file in files for place in versions_asked(file)] == []


def test_what_goes_by_a_version_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floors, "TRACER", tmp_path)
    file = tmp_path / "primitives" / "x.py"
    file.parent.mkdir()
    file.write_text(
        "ANCHOR = by_version({'3.11': 'a', '3.13': 'b'})\n"
        "def f():\n    return by_version({'3.12': 1})\n"
        "if sys.version_info < (3, 13): pass\n# up to 3.12\n"
    )
    assert [*versions_asked(file)] == [f"primitives/x.py:{line}" for line in (3, 4, 5)]


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


@pytest.mark.parametrize("read", [python_files, rust_files], ids=["tracer", "core"])
def test_the_architecture_names_every_room(read: Callable[[], Graph]) -> None:
    page = (floors.ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?`) \|", page.partition("## Four journeys")[0], re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert rooms(read()).keys() - {"lib"} <= named
