"""Rewriting what had been imported before a recording begins: the code of its functions is
exchanged for the time of the recording.

A module's own code has run, and is not run again; what runs just then goes on as it is. Functions
are found by their code, wherever they are: in classes, behind decorators, in closures.
"""

from __future__ import annotations

import _thread
import ast
import dis
import gc
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from types import CodeType, FrameType, FunctionType, ModuleType

from .. import _core
from ..ops import GapKind
from .importhook import Finder, compile_main, compile_source

Place = tuple[int, int]
"""A line, and the offset of a column in it."""

_MAIN = ("__main__", "__mp_main__")
_LOCKS = (_thread.LockType, _thread.RLock)


class Source:
    """A module's source, and its code: compiled as it is, and with its accesses recorded."""

    def __init__(self, text: bytes, plain: CodeType, recorded: CodeType) -> None:
        self.text = text
        self.plain = plain
        self.recorded = recorded
        self.counterparts = dict(_pairs(plain, recorded))
        """For each piece of plain code the recorded one that can take its place in a function."""


class Imported:
    """What had been imported and made when the recording began, and what was exchanged in it."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._sources: dict[str, Source] = {}
        self._exchanged: list[tuple[weakref.ref[FunctionType], CodeType, CodeType]] = []

    def rewrite(self) -> None:
        """Exchange the code of all functions of the program's own modules, and of those that are
        included, if the source is still the one that they were made of. Locks that are older than
        the recording are known from now on."""
        for name, module in list(sys.modules.items()):
            file = self._file_of(name, module)
            source = file and _source(file, name, self._finder.scheduling)
            if file and source:
                self._sources[file] = source
        objects = gc.get_objects()
        _core.primitives.remember_locks([one for one in objects if type(one) in _LOCKS])
        for function in [one for one in objects if type(one) is FunctionType]:
            code = function.__code__
            source = self._sources.get(code.co_filename)
            recorded = None if source is None else source.counterparts.get(code)
            if recorded is not None and not _core.interpreter.has_original(code):
                function.__code__ = recorded
                self._exchanged.append((weakref.ref(function), code, recorded))

    def restore(self) -> None:
        """Give the functions the code that they had."""
        for reference, plain, recorded in self._exchanged:
            function = reference()
            if function is not None and function.__code__ is recorded:
                function.__code__ = plain
        self._exchanged.clear()

    def unrecorded(self, frame: FrameType) -> tuple[str, int, int] | None:
        """The file and the first and last line of what the frame is about to run unrecorded, if
        there are accesses in it: what is left of it, or the `with` block that it is entering."""
        source = self._sources.get(frame.f_code.co_filename)
        recorded = None if source is None else _counterpart(source, frame.f_code)
        if source is None or recorded is None:
            return None
        first, last = _rest(source.text, frame)
        if any(first <= place <= last for place in _accesses(recorded)):
            return frame.f_code.co_filename, first[0], last[0]
        return None

    def _file_of(self, name: str, module: ModuleType) -> str | None:
        """The module's source file, if its functions are to be recorded and are not yet."""
        loader = getattr(module, "__loader__", None)
        file = getattr(module, "__file__", None)
        if type(loader) is not SourceFileLoader or "source_to_code" in vars(loader):
            return None
        if not isinstance(file, str) or not file.endswith(".py"):
            return None
        wanted = self._finder.included(name) or self._finder.own.has(os.path.realpath(file))
        return file if wanted else None


def _source(file: str, name: str, scheduling: bool) -> Source | None:
    try:
        with open(file, "rb") as stream:
            text = stream.read()
    except OSError:
        return None
    known = _known.get((file, name, scheduling))
    if known is not None and known.text == text:
        return known
    try:
        plain = compile(text, file, "exec", dont_inherit=True)
        if name in _MAIN:
            recorded = compile_main(text, file, module=name, scheduling=scheduling)
        else:
            recorded = compile_source(text, file, name, scheduling=scheduling)
    except (SyntaxError, ValueError):
        return None  # it is another one than was imported
    source = _known[file, name, scheduling] = Source(text, plain, recorded)
    return source


# By file, module and mode: modules have the same sites in each recording.
_known: dict[tuple[str, str, bool], Source] = {}


def _pairs(plain: CodeType, recorded: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The pieces of code inside one, each with the piece of the other that is the same function."""
    left, right = _inner(plain), _inner(recorded)
    for key, ours in left.items():
        theirs = right.get(key, [])
        if len(ours) != len(theirs):
            continue
        for one, other in zip(ours, theirs, strict=True):
            if one.co_freevars == other.co_freevars and one.co_flags == other.co_flags:
                yield one, other
            yield from _pairs(one, other)


def _inner(code: CodeType) -> dict[tuple[str, int], list[CodeType]]:
    pieces: dict[tuple[str, int], list[CodeType]] = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            pieces.setdefault((constant.co_name, constant.co_firstlineno), []).append(constant)
    return pieces


def _counterpart(source: Source, code: CodeType) -> CodeType | None:
    return source.recorded if code == source.plain else source.counterparts.get(code)


def _accesses(code: CodeType) -> Iterator[Place]:
    """Where the code makes shared accesses."""
    for instruction in dis.get_instructions(CodeType.replace(code)):  # a copy is seen as it is
        if getattr(instruction.argval, "site", 0):  # a hook: no other constant has that
            positions = instruction.positions
            if positions is not None and positions.lineno is not None:
                yield positions.lineno, positions.col_offset or 0


def _rest(text: bytes, frame: FrameType) -> tuple[Place, Place]:
    """The begin and end of the innermost `with` block whose head the frame is in; else of what
    is left of its code."""
    line = frame.f_lineno
    heads = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.With | ast.AsyncWith)
        and node.lineno <= line < node.body[0].lineno + (node.lineno == node.body[0].lineno)
    ]
    if heads:
        body = max(heads, key=lambda node: node.lineno).body
        end = body[-1].end_lineno or 0, body[-1].end_col_offset or 0
        return (body[0].lineno, body[0].col_offset), end
    return (line + 1, 0), (max(last or 0 for _, _, last in frame.f_code.co_lines()), sys.maxsize)


def begin(finder: Finder, frame: FrameType | None) -> Callable[[], None]:
    """Rewrite what has been imported; `frame` is what goes on when the recording has begun. Returns
    what ends that."""
    imported = Imported(finder)
    imported.rewrite()
    left = frame and imported.unrecorded(frame)
    if left:
        file, first, last = left
        _core.record.gap(GapKind.RUNNING, f"{file}:{first}-{last}", _core.record.current_thread())
    return imported.restore
