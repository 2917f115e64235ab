"""Which statements are a check of what comes after them, by their form."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

# What a lookup raises that found nothing, and what else a search does.
_MISSING = frozenset(["AttributeError", "IndexError", "KeyError", "LookupError"])
_SEARCHED = _MISSING | {"StopIteration", "ValueError", "Exception", "BaseException"}
_WAITS = frozenset(["wait", "wait_for"])
# Methods that put something in.
_FILLS = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "extend",
        "extendleft",
        "insert",
        "put",
        "put_nowait",
        "release",
        "set",
        "setdefault",
        "update",
    ]
)
JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def makes_up(test: ast.expr, body: Iterable[ast.stmt], functions: Collection[str]) -> bool:
    """Whether the body makes up for what the test misses, so that what follows counts on it:
    `if not shelf: room.wait()`. `functions` are those that the module defines."""
    tested = {name for node in ast.walk(test) if (name := _path(node))}
    for node in (inner for statement in body for inner in ast.walk(statement)):
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            if name in _WAITS or name in functions:
                return True
            of = node.func.value if isinstance(node.func, ast.Attribute) else None
            if name in _FILLS and of is not None and _path(of) in tested:
                return True
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            stored = (t.value if isinstance(t, ast.Subscript) else t for t in targets)
            if any(_path(target) in tested for target in stored):
                return True
    return False


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


def _path(node: ast.AST) -> str:
    """`a.b.c` of names and attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        around = _path(node.value)
        return around and f"{around}.{node.attr}"
    return ""
