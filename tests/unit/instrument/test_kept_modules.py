"""Rewritten modules are kept beside their sources, and taken when nothing has changed."""

from __future__ import annotations

import argparse
import ast
import concurrent.futures.thread
import inspect
import sys
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from tracer import _core
from tracer.instrument import importhook, kept

SOURCE = """\
import threading

numbers = {}

def take(key):
    if key in numbers:
        numbers[key] -= 1

def main():
    global numbers
    numbers = {"a": 1}
    threading.Thread(target=take, args=("a",)).start()
"""


class Rewritten(Exception):
    """A module was rewritten though it was kept."""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "shop.py"
    path.write_text(SOURCE)
    return path


def compiled(file: Path, source: str = SOURCE, *, scheduling: bool = False) -> CodeType:
    return importhook.compile_source(
        source.encode(), str(file), "shop", scheduling=scheduling, keep=True
    )


def never_rewrite(monkeypatch: pytest.MonkeyPatch) -> None:
    def rewrite(*_: object, **__: object) -> None:
        raise Rewritten

    monkeypatch.setattr(importhook, "rewrite", rewrite)


def shapes(code: CodeType) -> list[tuple[str, bytes, list[type]]]:
    """Of the code that runs, and of that inside it."""
    constants = _core.interpreter.running_constants(code)
    inner = [shape for one in constants if isinstance(one, CodeType) for shape in shapes(one)]
    running = CodeType.replace(code)  # a copy, which is seen as it is
    return [(code.co_qualname, running.co_code, [type(one) for one in constants]), *inner]


@pytest.mark.parametrize("scheduling", [False, True])
def test_a_module_is_rewritten_once(
    file: Path, monkeypatch: pytest.MonkeyPatch, scheduling: bool
) -> None:
    first = compiled(file, scheduling=scheduling)
    never_rewrite(monkeypatch)
    again = compiled(file, scheduling=scheduling)
    assert shapes(again) == shapes(first)
    assert again == compile(SOURCE, str(file), "exec", dont_inherit=True)  # so it is seen


def test_what_another_tool_rewrites_is_rewritten_once(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after(tool: str, source: str) -> CodeType:
        return importhook.compile_tree(
            lambda: ast.parse(source), SOURCE.encode(), str(file), "shop", tool=(tool, 1)
        )

    other = SOURCE + "more = len(numbers)\n"
    plain = compiled(file)
    first = after("theirs", other)
    assert shapes(first) != shapes(plain)
    never_rewrite(monkeypatch)
    assert shapes(after("theirs", SOURCE)) == shapes(first)
    assert shapes(compiled(file)) == shapes(plain)
    with pytest.raises(Rewritten):
        after("another", other)


@pytest.mark.parametrize("module", [argparse, inspect, concurrent.futures.thread])
def test_what_is_read_is_what_was_written(file: Path, module: ModuleType) -> None:
    source = inspect.getsource(module).encode()
    place = kept.place(source, str(file), False, False)
    assert place is not None
    plain = compile(source, str(file), "exec", dont_inherit=True)
    rewritten = importhook._rewritten_source(source, str(file), plain, False, False)
    place.write(rewritten)
    assert place.read() == rewritten


@pytest.mark.parametrize("change", ["source", "path", "mode", "rewriter"])
def test_what_has_changed_is_rewritten(
    file: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    compiled(file)
    never_rewrite(monkeypatch)
    if change == "rewriter":
        monkeypatch.setattr(kept, "_version", [(("rewrite.py", 1, 1),)])
    elif change == "path":
        (file.parent / "__pycache__").rename(file.parent / "other")
        moved = file.parent / "moved"
        moved.mkdir()
        (file.parent / "other").rename(moved / "__pycache__")
        file = file.rename(moved / file.name)
    source = SOURCE.replace("-= 1", "-= 2") if change == "source" else SOURCE
    with pytest.raises(Rewritten):
        compiled(file, source, scheduling=change == "mode")


@pytest.mark.parametrize("length", [0, 3, 4, 5, 100, -1])
def test_what_is_cut_off_is_rewritten(file: Path, length: int) -> None:
    first = compiled(file)
    (written,) = file.parent.rglob("*.pyc")
    whole = written.read_bytes()
    written.write_bytes(whole[:length])
    assert shapes(compiled(file)) == shapes(first)
    place = kept.place(SOURCE.encode(), str(file), False, False)
    assert place is not None
    assert place.read() is not None


def test_a_folder_that_cannot_be_written_is_left_alone(file: Path) -> None:
    (file.parent / "__pycache__").write_text("a file")
    compiled(file)
    assert (file.parent / "__pycache__").read_text() == "a file"
