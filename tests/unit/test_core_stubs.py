"""The stubs of the core have the names that it has, room by room."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import tracer

STUBS = Path(tracer.__file__).parent / "_core"
ONLY_TYPES = {"RawFinding"}


def named(stub: Path) -> set[str]:
    """The public names that the stub defines."""
    found = set()
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.ImportFrom) and node.level:
            found |= {alias.asname or alias.name for alias in node.names}
    return {name for name in found if not name.startswith("_")} - ONLY_TYPES


@pytest.mark.parametrize("stub", sorted(STUBS.glob("*.pyi")), ids=lambda stub: stub.stem)
def test_the_stub_has_the_names_of_the_room(stub: Path) -> None:
    name = "tracer._core" if stub.stem == "__init__" else f"tracer._core.{stub.stem}"
    room = import_module(name)
    assert named(stub) == {name for name in vars(room) if not name.startswith("__")}
