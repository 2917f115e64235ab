"""Real modules keep their names and lines when they are rewritten."""

from __future__ import annotations

import ast
import importlib.util
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

from tracer.instrument import importhook

PACKAGES = [
    "asyncio",
    "click",
    "concurrent",
    "email",
    "graphviz",
    "http",
    "json",
    "logging",
    "msgpack",
    "multiprocessing",
    "_pytest",
    "unittest",
    "xml",
]


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def shape(code: CodeType) -> tuple[object, ...]:
    names = code.co_varnames, code.co_freevars, code.co_cellvars
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    return code.co_qualname, code.co_firstlineno, code.co_flags, *names, *counts


def lines(code: CodeType) -> set[int]:
    return {line for _, _, line in code.co_lines() if line}


def modules(package: str) -> list[Path]:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (folder,) = spec.submodule_search_locations
    return sorted(Path(folder).rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_names_and_lines_are_those_of_the_source(
    package: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = modules(package)
    assert found
    for path in found:
        source = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain = list(codes(compile(source, str(path), "exec", dont_inherit=True)))
            rewritten = list(codes(importhook.compile_source(source, str(path), "m")))
        assert [shape(code) for code in rewritten] == [shape(code) for code in plain]
        longer = {
            line
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.expr) and node.lineno != node.end_lineno
            for line in range(node.lineno, (node.end_lineno or 0) + 1)
        }
        for old, new in zip(plain, rewritten, strict=True):
            # The compiler leaves out jumps to the middle of a long condition.
            assert lines(old) <= lines(new), (path, old.co_qualname)
            assert lines(new) - lines(old) <= longer, (path, old.co_qualname)
    assert "could not be rewritten" not in capsys.readouterr().err
