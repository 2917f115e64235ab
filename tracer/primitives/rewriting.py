"""Edits of the standard library's own functions: the same body, with hooks in it.

A primitive is recorded from inside: the function's source is parsed, calls of hooks are inserted
at *anchors*, and the compiled code takes the place of the function's own (`function.__code__`).
So classes, functions, signatures, locking and error messages stay CPython's, whatever its version,
and no frame of ours is in a traceback. An anchor is the text with which a statement starts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import CodeType, FunctionType
from typing import NamedTuple

from tracer import _core, bytecode

Patch = tuple[object, str, object]
Hook = Callable[..., object] | _core.unseen | _core.MessageHook
Anchor = str | tuple[str, ...]

PLACEHOLDER = "racetrace hook "
"""What the constant begins with that stands for a hook in the code; its edit's number follows."""


class Edit(NamedTuple):
    """A call of `hook`, with arguments given as text, in a place that `way` (a function below) and
    the anchor say; `into` names the local it is stored in."""

    way: str
    hook: Hook
    arguments: str
    anchor: Anchor = ""
    into: str = ""


def at_start(hook: Hook, arguments: str = "self", into: str = "") -> Edit:
    """Call the hook first."""
    return Edit("at_start", hook, arguments, into=into)


def at_end(hook: Hook, arguments: str = "self") -> Edit:
    """Call the hook where the function's end is reached (not at a `return`)."""
    return Edit("at_end", hook, arguments)


def before(anchor: Anchor, hook: Hook, arguments: str = "self", into: str = "") -> Edit:
    """Call the hook before each statement that starts with the anchor."""
    return Edit("before", hook, arguments, anchor, into)


def after(anchor: Anchor, hook: Hook, arguments: str = "self", into: str = "") -> Edit:
    """Call the hook after each statement that starts with the anchor."""
    return Edit("after", hook, arguments, anchor, into)


def results(hook: Hook, arguments: str = "self, result") -> Edit:
    """Return what the hook makes of each returned value, which `result` stands for."""
    return Edit("results", hook, arguments)


def replaced(expression: str, hook: Hook, arguments: str) -> Edit:
    """Call the hook where the expression is evaluated, or, with the value among the arguments,
    where it is assigned to."""
    return Edit("replaced", hook, arguments, expression)


def guarded(anchor: Anchor, hook: Hook, arguments: str = "self") -> Edit:
    """Call the hook when the statement that starts with the anchor raises."""
    return Edit("guarded", hook, arguments, anchor)


def argument(anchor: str, hook: Hook, arguments: str) -> Edit:
    """Have the statement that starts with the anchor, a call or the assignment of one, pass what
    the hook makes of the call's first argument, which `value` stands for."""
    return Edit("argument", hook, arguments, anchor)


def heading(anchor: str, hook: Hook, arguments: str) -> Edit:
    """Have the `if`, `while` or `for` that starts with the anchor go by what the hook makes of its
    expression, which `value` stands for."""
    return Edit("heading", hook, arguments, anchor)


def edited(function: object, *choice: Edit | None) -> Patch:
    """The patch that gives the function its edited code.

    Edits are made in order; None is no edit. Raises UnknownSourceError if the source is not there
    or has no such anchor.
    """
    assert isinstance(function, FunctionType)
    edits = [edit for edit in choice if edit is not None]
    code = _kept.code(function, edits)
    constants = tuple(
        _unseen(edits[int(constant.removeprefix(PLACEHOLDER))].hook)
        if isinstance(constant, str) and constant.startswith(PLACEHOLDER)
        else constant
        for constant in code.co_consts
    )
    code = code.replace(co_consts=constants)
    _core.show_original(code, function.__code__)
    return function, "__code__", code


def _unseen(hook: Hook) -> _core.unseen | _core.MessageHook:
    return hook if isinstance(hook, _core.unseen | _core.MessageHook) else _core.unseen(hook)


class _Kept:
    """The codes that have been made, kept for the processes to come: to make them takes longer
    than an interpreter takes to start."""

    def __init__(self) -> None:
        # By function and edits: the code that was edited, and what came out.
        self._codes: dict[object, tuple[CodeType, CodeType]] | None = None
        self._new: dict[object, tuple[CodeType, CodeType]] = {}

    def code(self, function: FunctionType, edits: Sequence[Edit]) -> CodeType:
        """What `editing.make` makes of it."""
        original = function.__code__
        if self._codes is None:
            self._codes = self._read()
        key = (
            function.__module__,
            function.__qualname__,
            tuple((edit.way, edit.arguments, edit.anchor, edit.into) for edit in edits),
        )
        before, code = self._codes.get(key, (None, None))
        if code is None or before is None or not _same(before, original):
            from tracer.primitives import editing

            code = editing.make(function, edits)
            self._new[key] = original, code
        return code

    def finish(self) -> None:
        """Write what is new."""
        if self._new:
            from tracer.primitives import editing

            editing.forget_sources()
            bytecode.write(*self._place(), {**self._read(), **self._new})
        self._codes = None
        self._new = {}

    def _read(self) -> dict[object, tuple[CodeType, CodeType]]:
        return bytecode.read(*self._place()) or {}

    def _place(self) -> tuple[str, object]:
        """The file, and the version of what makes the codes."""
        maker = os.path.join(os.path.dirname(__file__), "editing.py")
        status = os.stat(maker)
        return bytecode.beside(maker, "edited"), (status.st_size, status.st_mtime_ns)


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether the codes are equal and have the same lines of the same file."""
    return (
        one == other
        and one.co_filename == other.co_filename
        and one.co_linetable == other.co_linetable
    )


_kept = _Kept()
finish = _kept.finish
