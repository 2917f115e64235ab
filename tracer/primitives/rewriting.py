"""The codes that the edits of the standard library ask for, made once and kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from types import CodeType

from .. import _core, bytecode
from .edits import PLACEHOLDER, Edit, Edited, Hook, Patch, Table


def patches(table: Table, controlled: bool) -> Iterator[Patch]:
    """The patches of the table, as they are in a process under control, or in one that is not.

    Raises UnknownSourceError if the source of a function is not there, or has no such anchor.
    """
    for row in table:
        if not isinstance(row, Edited):
            yield row
        elif edits := [edit for edit in row.edits if controlled or not edit.controlled]:
            yield row.function, "__code__", _code(row, edits)


def _code(row: Edited, edits: Sequence[Edit]) -> CodeType:
    code = _kept.code(row, edits)
    constants = tuple(
        _untraced(edits[int(constant.removeprefix(PLACEHOLDER))].hook)
        if isinstance(constant, str) and constant.startswith(PLACEHOLDER)
        else constant
        for constant in code.co_consts
    )
    code = code.replace(co_consts=constants)
    _core.interpreter.show_original(code, row.original)
    return code


def _untraced(hook: Hook) -> _core.interpreter.untraced | _core.primitives.MessageHook:
    return (
        hook
        if isinstance(hook, _core.interpreter.untraced | _core.primitives.MessageHook)
        else _core.interpreter.untraced(hook)
    )


class _Kept:
    """The codes that have been made, kept for the processes to come: to make them takes longer
    than an interpreter takes to start. Those of each edited module are in a file of their own, for
    to read what a process does not need would take as long again."""

    def __init__(self) -> None:
        # By module: by function and edits, the code that was edited, and what came out.
        self._codes: dict[str, _Codes] = {}
        self._new: dict[str, _Codes] = {}

    def code(self, row: Edited, edits: Sequence[Edit]) -> CodeType:
        """What `editing.make` makes of it."""
        function, original, _ = row
        module = function.__module__
        if module not in self._codes:
            self._codes[module] = _read(module)
        key = (
            function.__qualname__,
            tuple((edit.way, edit.arguments, edit.anchor, edit.into) for edit in edits),
        )
        before, code = self._codes[module].get(key, (None, None))
        if code is None or before is None or not _same(before, original):
            from . import editing

            code = editing.make(function, original, edits)
            self._new.setdefault(module, {})[key] = original, code
        return code

    def finish(self) -> None:
        """Write what is new."""
        if self._new:
            from . import editing

            editing.forget_sources()
        for module, codes in self._new.items():
            bytecode.write(*_place(module), {**_read(module), **codes})
        self._codes = {}
        self._new = {}


_Codes = dict[object, tuple[CodeType, CodeType]]


def _read(module: str) -> _Codes:
    return bytecode.read(*_place(module)) or {}


def _place(module: str) -> tuple[str, object]:
    """The file for the codes of the module, and the version of what makes them."""
    maker = os.path.join(os.path.dirname(__file__), "editing.py")
    status = os.stat(maker)
    word = "".join(filter(str.isalnum, module))
    return bytecode.beside(maker, f"edited{word}"), (module, status.st_size, status.st_mtime_ns)


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether the codes are equal and have the same lines of the same file."""
    return (
        one == other
        and one.co_filename == other.co_filename
        and one.co_linetable == other.co_linetable
    )


_kept = _Kept()
finish = _kept.finish
