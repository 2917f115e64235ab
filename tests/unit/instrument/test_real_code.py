"""Real modules keep their names and lines when they are rewritten."""

from __future__ import annotations

import ast
import importlib.util
import marshal
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

from tracer import _core
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
    """The code that runs, and that inside it."""
    yield CodeType.replace(code)  # a copy, which is seen as it is
    for constant in _core.interpreter.running_constants(code):
        if isinstance(constant, CodeType):
            yield from codes(constant)


def seen(code: CodeType) -> Iterator[CodeType]:
    """The code as the program sees it, and that inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from seen(constant)


def shape(code: CodeType) -> tuple[object, ...]:
    names = code.co_varnames, code.co_freevars, code.co_cellvars
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    return code.co_qualname, code.co_firstlineno, code.co_flags, *names, *counts


def fields(code: CodeType) -> dict[str, object]:
    """All that can be read of it, but for the code inside it."""
    names = [name for name in dir(code) if name.startswith("co_") and name != "co_lnotab"]
    read = {name: getattr(code, name) for name in names}
    read |= {name: list(value()) for name, value in read.items() if callable(value)}
    read["co_consts"] = [repr(c) for c in code.co_consts if not isinstance(c, CodeType)]
    return read


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
            original = compile(source, str(path), "exec", dont_inherit=True)
            code = importhook.compile_source(source, str(path), "m")
        plain, rewritten = list(codes(original)), list(codes(code))
        assert [fields(code) for code in seen(code)] == [fields(code) for code in seen(original)]
        assert marshal.loads(marshal.dumps(code)) == original
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
