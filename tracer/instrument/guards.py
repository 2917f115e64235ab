"""Which statements are a check of what comes after them, by their form."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from .calls import FILLS

# What a lookup raises that found nothing, and what else a search does.
_MISSING = frozenset(["AttributeError", "IndexError", "KeyError", "LookupError"])
_SEARCHED = _MISSING | {"StopIteration", "ValueError", "Exception", "BaseException"}
_COPIES = frozenset(["copy", "frozenset", "list", "set", "sorted", "tuple"])
_WAITS = frozenset(["wait", "wait_for"])
# Methods that make up for what a test misses.
_MAKES_UP = FILLS | {"release", "set"}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def makes_up(test: ast.expr, body: Iterable[ast.stmt], functions: Collection[str]) -> bool:
    """Whether the body makes up for what the test misses, so that what follows counts on it:
    `if not shelf: room.wait()`. `functions` are those that the module defines."""
    tested = _paths(test)
    if not tested:
        return False
    for node in (inner for statement in body for inner in ast.walk(statement)):
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            if name in _WAITS or name in functions:
                return True
            of = node.func.value if isinstance(node.func, ast.Attribute) else None
            if name in _MAKES_UP and of is not None and _path(of) in tested:
                return True
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_stored(target) in tested for target in targets):
                return True
    return False


def waits(body: Iterable[ast.AST]) -> bool:
    """Whether the body waits once for others to take something out or put something in, and does
    not look again."""
    for node in body:
        if isinstance(node, ast.Call) and last_name(node.func) == "wait":
            return True
        if not isinstance(node, (*_SCOPES, ast.While)) and waits(ast.iter_child_nodes(node)):
            return True
    return False


def goes_over_copy(loop: ast.For | ast.AsyncFor) -> frozenset[str]:
    """The names that stand for the parts of a container of which a copy is gone over (`for key in
    list(d)`); none if the loop is no such."""
    copied = loop.iter
    if not isinstance(copied, ast.Call):
        return frozenset()
    if last_name(copied.func) not in _COPIES or len(copied.args) > 1:
        return frozenset()
    if copied.args and not isinstance(copied.args[0], ast.Name | ast.Attribute | ast.Call):
        return frozenset()
    return frozenset(node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name))


def makes(targets: Iterable[ast.expr], value: ast.expr) -> list[ast.expr]:
    """The tests of the targets themselves that decide what they get: `x = x or []`, `x = {} if x is
    None else x`."""
    if isinstance(value, ast.IfExp):
        tests = [value.test]
    elif isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
        tests = value.values[:-1]
    else:
        return []
    stored = {path for target in targets if (path := _stored(target))}
    return [test for test in tests if not stored.isdisjoint(_paths(test))]


def awaited(loop: ast.While) -> list[ast.expr]:
    """The tests that a thread cannot get past before they come out so, if the loop has any: that
    of `while not ready: …` without another way out, or of the only way out of `while True`."""
    ways = list(_ways_out(loop.body))
    if not isinstance(loop.test, ast.Constant):
        return [] if ways or not _decides(loop.test, False) else [loop.test]
    if not loop.test.value or len(ways) != 1:
        return []
    leaves = [way for way in ast.walk(loop) if isinstance(way, ast.If) and way.body[-1] is ways[0]]
    return [way.test for way in leaves if _decides(way.test, True)]


def left_by(loop: ast.While) -> list[ast.expr]:
    """The tests that every way from an endless loop to what follows it passes, if it is endless."""
    if not isinstance(loop.test, ast.Constant) or not loop.test.value:
        return []
    breaks = {way for way in _ways_out(loop.body) if isinstance(way, ast.Break)}
    around = [inner for inner in ast.walk(loop) if isinstance(inner, ast.If)]
    return [one.test for one in around if breaks and breaks <= set(ast.walk(one))]


def _ways_out(body: Iterable[ast.AST], inner: bool = False) -> Iterator[ast.AST]:
    for node in body:
        if isinstance(node, ast.Return | ast.Raise) or (isinstance(node, ast.Break) and not inner):
            yield node
        elif not isinstance(node, _SCOPES):
            loops = isinstance(node, ast.For | ast.AsyncFor | ast.While)
            yield from _ways_out(ast.iter_child_nodes(node), inner or loops)


def _decides(test: ast.expr, truth: bool) -> bool:
    """Whether every part of the test has had its say where it comes out so."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _decides(test.operand, not truth)
    if isinstance(test, ast.BoolOp):
        together = isinstance(test.op, ast.And) is truth
        return together and all(_decides(value, truth) for value in test.values)
    return True


def searched(handler: ast.ExceptHandler) -> bool:
    """Whether the handler is for a search that found nothing."""
    return handler.type is None or any(name in _SEARCHED for name in _names(handler.type))


def looked_up(handlers: Iterable[ast.ExceptHandler]) -> list[ast.ExceptHandler]:
    """The handlers for a look-up that found nothing, by name."""
    return [
        handler
        for handler in handlers
        if handler.type is not None and any(name in _MISSING for name in _names(handler.type))
    ]


def _names(kind: ast.expr) -> Iterator[str]:
    for one in kind.elts if isinstance(kind, ast.Tuple) else [kind]:
        yield last_name(one)


def last_name(node: ast.AST | None) -> str:
    """`b` of the name `b` and of the attribute `a.b`; empty for anything else."""
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))


def _paths(test: ast.expr) -> set[str]:
    return {name for node in ast.walk(test) if (name := _path(node))}


def _stored(target: ast.expr) -> str:
    """What a store to the target changes: of an item, the container."""
    return _path(target.value if isinstance(target, ast.Subscript) else target)


def _path(node: ast.AST) -> str:
    """`a.b.c` of names and attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        around = _path(node.value)
        return around and f"{around}.{node.attr}"
    return ""
