"""Calls that may end without what they wait for, and what is done regardless of that.

`lock.acquire(timeout=1)` whose result nobody looks at, `messages.get_nowait()` whose queue.Empty is
caught and forgotten: what comes after them in the function would have come without the lock, the
message, the end of the thread, too. Said is only what is certain by the form of the code: nothing
of a call whose result goes elsewhere, in a loop that repeats it, or before anything that may leave.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from .guards import JUMPS, last_name

Place = tuple[int, int]

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
# What tells that it got nothing by what it returns, by an exception, or not at all.
_RETURNS = frozenset(["acquire", "wait"])
_RAISES = {
    "get": ("Empty", "TimeoutError"),
    "get_nowait": ("Empty",),
    "put": ("Full",),
    "put_nowait": ("Full",),
    "result": ("TimeoutError", "CancelledError"),
}
_SAYS_NOTHING = "join"
_EVERYTHING = ("Exception", "BaseException")
# How a program asks a thread or an event afterwards.
_ASKS = {"join": frozenset(["is_alive", "exitcode"]), "wait": frozenset(["is_set"])}
# Calls after which code surely goes on.
_GOES_ON = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "clear",
        "debug",
        "discard",
        "extend",
        "info",
        "insert",
        "notify",
        "notify_all",
        "pop",
        "print",
        "put",
        "release",
        "remove",
        "set",
        "sleep",
        "start",
        "task_done",
        "update",
        "warning",
        "write",
    ]
)


def regardless(body: Sequence[ast.stmt]) -> dict[ast.Call, Place]:
    """The calls in the code of one function or module that may end in vain, each with the place
    from which on the code goes on regardless."""
    found: dict[ast.Call, Place] = {}
    for call, around in _calls(body, ()):
        name = last_name(call.func)
        if name in _RAISES:
            statement = _caught(call, around, _RAISES[name])
        elif name in _RETURNS or name == _SAYS_NOTHING:
            statement = _overlooked(call, around, body)
        else:
            continue
        if statement is not None and _may_fail(call, name):
            found[call] = (statement.end_lineno or 0, statement.end_col_offset or 0)
    return found


def _calls(
    nodes: Iterable[ast.AST], around: tuple[ast.AST, ...]
) -> Iterator[tuple[ast.Call, tuple[ast.AST, ...]]]:
    """The calls in the nodes, with what each stands in, the outermost first; without those in
    functions and loops of their own expressions."""
    for node in nodes:
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, ast.Call):
            yield node, around
        yield from _calls(ast.iter_child_nodes(node), (*around, node))


def _may_fail(call: ast.Call, name: str) -> bool:
    """Whether the call does not wait, or only for a time that the source has."""
    if name.endswith("_nowait"):
        return True
    bounded = False
    for keyword in call.keywords:
        if keyword.arg in ("block", "blocking"):
            bounded |= _is_false(keyword.value)
        elif keyword.arg == "timeout":
            bounded |= _is_time(keyword.value)
    places = {"acquire": (0, 1), "get": (0, 1), "put": (1, 2)}.get(name, (None, 0))
    for place, argument in enumerate(call.args):
        if place == places[0]:
            bounded |= _is_false(argument)
        elif place == places[1]:
            bounded |= _is_time(argument)
    return bounded


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (False, 0)


def _is_time(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _caught(
    call: ast.Call, around: tuple[ast.AST, ...], errors: tuple[str, ...]
) -> ast.stmt | None:
    """The `try` that catches what the call raises, and goes on; None if there is none."""
    if any(_tries_again(node) for node in around):
        return None
    inside: ast.AST = call
    for node in reversed(around):
        if isinstance(node, ast.Try) and inside in node.body:
            handlers = [handler for handler in node.handlers if _catches(handler, errors)]
            if handlers:
                return node if _falls_through(handlers[0].body) else None
        inside = node
    return None


def _tries_again(node: ast.AST) -> bool:
    """Whether it is a loop that may end because of what is done in it."""
    if isinstance(node, ast.For | ast.AsyncFor):
        return any(isinstance(inner, JUMPS) for inner in _inner(node.body))
    return isinstance(node, ast.While)


def _catches(handler: ast.ExceptHandler, errors: tuple[str, ...]) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(last_name(kind) in (*errors, *_EVERYTHING) for kind in kinds)


def _overlooked(
    call: ast.Call, around: tuple[ast.AST, ...], body: Sequence[ast.stmt]
) -> ast.stmt | None:
    """The statement after which nobody has looked at the call's answer but to do something more;
    None if anything rests on it that is not seen."""
    if any(_tries_again(node) for node in around):
        return None
    if not _ASKS.get(last_name(call.func), frozenset()).isdisjoint(_names(body)):
        return None
    statement = around[-1]
    if isinstance(statement, ast.Expr):
        return statement
    if isinstance(statement, ast.UnaryOp) and isinstance(statement.op, ast.Not):
        statement = around[-2]
    if isinstance(statement, ast.If):
        return statement if _both_fall_through(statement) else None
    if isinstance(statement, ast.Assign) and statement.value is call:
        (target, *more) = statement.targets
        if isinstance(target, ast.Name) and not more and _only_tested(target.id, body):
            return statement
    return None


def _only_tested(name: str, body: Sequence[ast.stmt]) -> bool:
    """Whether the variable is used in nothing but tests of `if`s that code goes on after."""
    tests: set[ast.AST] = set()
    for node in _inner(body):
        if isinstance(node, ast.If) and _both_fall_through(node):
            inside = node.test
            if isinstance(inside, ast.UnaryOp) and isinstance(inside.op, ast.Not):
                inside = inside.operand
            tests.add(inside)
        elif isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return False
    every = [node for node in _walk(body) if isinstance(node, ast.Name) and node.id == name]
    return all(isinstance(node.ctx, ast.Store) or node in tests for node in every)


def _names(body: Sequence[ast.stmt]) -> set[str]:
    return {last_name(node) for node in _walk(body)}


def _walk(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def _inner(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes in the code of the function itself."""
    for node in nodes:
        if not isinstance(node, _SCOPES):
            yield node
            yield from _inner(ast.iter_child_nodes(node))


def _both_fall_through(node: ast.If) -> bool:
    return _falls_through(node.body) and _falls_through(node.orelse)


def _falls_through(body: Sequence[ast.stmt]) -> bool:
    """Whether code surely goes on after the statements: nothing in them leaves, and their last call
    is not one that might."""
    if any(isinstance(node, (*JUMPS, ast.Assert, ast.With, ast.Try)) for node in _inner(body)):
        return False
    calls = [node for node in _inner(body) if isinstance(node, ast.Call)]
    return all(last_name(call.func) in _GOES_ON for call in calls)
