"""What imports what, in both halves, and where that goes round in a circle.

    python tests/unit/floors.py          # the rooms, each with what it imports, and the circles
    python tests/unit/floors.py --files  # the same for files

Python's imports are read by `ast`, Rust's `use` and paths by text. A room is a file or folder right
under `tracer/` or `core/src/`.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRACER = ROOT / "tracer"
CORE = ROOT / "core" / "src"

Graph = dict[str, set[str]]
"""By a file's path from its half's folder, or by a room's name, what it imports."""


def python_files() -> Graph:
    """What each file of `tracer/` imports of it, wherever in the file that stands."""
    modules = {_module(file): str(file.relative_to(TRACER)) for file in TRACER.rglob("*.py")}
    graph: Graph = {}
    for module, file in modules.items():
        tree = ast.parse((TRACER / file).read_text(encoding="utf-8"))
        package = module if file.endswith("__init__.py") else module.rpartition(".")[0]
        named = {_longest(name, modules) for name in _python_names(tree, package)}
        graph[file] = {modules[name] for name in named if name} - {file}
    return graph


def _module(file: Path) -> str:
    parts = file.relative_to(TRACER.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _python_names(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            origin = ".".join([*above, *filter(None, [node.module])])
            names = (f"{origin}.{alias.name}" for alias in node.names)
            yield from (name for name in names if not name.startswith("tracer._core"))


def _longest(name: str, modules: Mapping[str, str], separator: str = ".") -> str:
    """The module that the name is of, or is; empty if there is none."""
    while name and name not in modules:
        name = name.rpartition(separator)[0]
    return name


_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'r#*"(?:[^"\\]|\\.)*?"#*|"(?:[^"\\]|\\.)*"', re.DOTALL)
_TESTS = re.compile(r"#\[cfg\(test\)\].*", re.DOTALL)
_USE = re.compile(r"\buse\s+([^;]+);")
_PATH = re.compile(r"\b(?:crate|super|self)(?:::\w+)+")


def rust_files() -> Graph:
    """What each file of `core/src/` imports of it; tests are left out."""
    modules = {
        _rust_module(file): str(file.relative_to(CORE))
        for file in CORE.rglob("*.rs")
        if file.name not in ("lib.rs", "tests.rs")
    }
    graph: Graph = {}
    for module, file in modules.items():
        text = (CORE / file).read_text(encoding="utf-8")
        named = {_longest(name, modules, "::") for name in _rust_names(text, module)}
        graph[file] = {modules[name] for name in named if name} - {file}
    return graph


def _rust_module(file: Path) -> str:
    parts = file.relative_to(CORE).with_suffix("").parts
    return "::".join(parts[:-1] if parts[-1] == "mod" else parts)


def _rust_names(text: str, module: str) -> Iterator[str]:
    text = _TESTS.sub("", _STRING.sub('""', _COMMENT.sub("", text)))
    for tree in _USE.findall(text):
        yield from filter(None, (_absolute(path, module) for path in _paths(tree)))
    for path in _PATH.findall(_USE.sub("", text)):
        yield _absolute(path, module)


def _paths(tree: str) -> Iterator[str]:
    """The paths of a `use`: `a::{b, c::{self, d}}` has `a::b`, `a::c` and `a::c::d`."""
    prefix, brace, rest = tree.partition("{")
    prefix = re.sub(r"\s+", "", prefix)
    if not brace:
        yield prefix.partition("as ")[0]
        return
    depth, item = 0, ""
    for character in rest.rpartition("}")[0] + ",":
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            for path in _paths(item.split(" as ")[0]) if item.strip() else ():
                yield prefix.removesuffix("::") if path == "self" else prefix + path
            item = ""
        else:
            item += character


def _absolute(path: str, module: str) -> str:
    """The path from the crate's root; empty for that of another crate."""
    first, *rest = path.split("::")
    here = module.split("::")
    if first == "crate":
        here = []
    elif first == "super":
        here = here[:-1]
        while rest and rest[0] == "super":
            here, rest = here[:-1], rest[1:]
    elif first != "self":
        return ""
    return "::".join([*here, *rest])


def rooms(files: Graph) -> Graph:
    """What each room imports of the others."""
    graph: Graph = {}
    for file, imported in files.items():
        room = room_of(file)
        graph.setdefault(room, set()).update({room_of(other) for other in imported} - {room})
    return graph


def room_of(file: str) -> str:
    return file.split("/")[0].partition(".")[0]


def circles(graph: Graph) -> list[list[str]]:
    """The sets of more than one node in which each comes to each other one, the largest first."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            place = stack.index(node)
            found.append(sorted(stack[place:]))
            del stack[place:]

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return sorted((one for one in found if len(one) > 1), key=len, reverse=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", action="store_true", help="files, not rooms")
    options = parser.parse_args()
    for name, files in (("tracer", python_files()), ("core/src", rust_files())):
        graph = files if options.files else rooms(files)
        for node, imported in sorted(graph.items(), key=lambda item: (len(item[1]), item[0])):
            print(f"{name}/{node}: {', '.join(sorted(imported))}")
        for circle in circles(graph):
            print(f"{name}: a circle of {len(circle)}: {', '.join(circle)}")


if __name__ == "__main__":
    main()
