"""Edits of the standard library's own functions: the same body, with hooks in it.

A primitive is recorded from inside: the function's source is parsed, calls of hooks are inserted
at *anchors*, and the compiled code takes the place of the function's own (`function.__code__`).
So classes, functions, signatures, locking and error messages stay CPython's, whatever its version,
and no frame of ours is in a traceback. An anchor is the text with which a statement starts.

Here is what the tables of the families are made of; `rewriting` makes the code that they ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FunctionType
from typing import NamedTuple

from .. import _core

Hook = Callable[..., object] | _core.interpreter.untraced | _core.primitives.MessageHook
Anchor = str | tuple[str, ...]

PLACEHOLDER = "racetrace hook "
"""What the constant begins with that stands for a hook in the code; its edit's number follows."""


class Edit(NamedTuple):
    """A call of `hook`, with arguments given as text, in a place that `way` (a function below) and
    the anchor say; `into` names the local it is stored in. `controlled` says that it is made only
    in a process under control."""

    way: str
    hook: Hook
    arguments: str
    anchor: Anchor = ""
    into: str = ""
    controlled: bool = False


def only_controlled(edit: Edit) -> Edit:
    """The edit, made only in a process under control: a recorded program pays nothing for it."""
    return edit._replace(controlled=True)


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


class Edited(NamedTuple):
    """A function that gets the edits, made in order, in the place of the code that it has."""

    function: FunctionType
    original: CodeType
    edits: tuple[Edit, ...]


Patch = tuple[object, str, object]
"""A module, class or function of the standard library, the name of its attribute, and what that
is while a program is recorded."""

Table = list[Patch | Edited]
"""The patches of a family."""


def edited(function: object, *choice: Edit | None) -> Edited:
    """The function with the edits; None is no edit."""
    assert isinstance(function, FunctionType)
    return Edited(function, function.__code__, tuple(edit for edit in choice if edit is not None))
