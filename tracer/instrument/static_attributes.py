"""What a class's `__static_attributes__` is made of, where there is that: the compiler collects the
names of the attributes that functions of the class store in `self`. It sees no stores by hooks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .placing import place
from .scopes import FunctionNode


class _Any:
    pass


_IS_KEPT = hasattr(_Any, "__static_attributes__")


def declared(node: FunctionNode) -> list[ast.stmt]:
    """A statement with the function's stores in `self` for the compiler to see, which makes no
    code of it."""
    if not _IS_KEPT:
        return []
    targets: list[ast.expr] = [
        ast.Attribute(value=ast.Name(id="self", ctx=ast.Load()), attr=name, ctx=ast.Store())
        for name in dict.fromkeys(name for statement in node.body for name in _stored(statement))
    ]
    if not targets:
        return []
    stores = ast.Assign(targets=targets, value=ast.Constant(value=None))
    never = ast.If(test=ast.Constant(value=False), body=[stores], orelse=[])
    # In the line where the code begins, so that no other line is traced.
    return [place(never, [*node.decorator_list, node][0])]


def _stored(node: ast.AST) -> Iterator[str]:
    """The attributes that code stores in `self`, as the compiler counts them, without those of
    the functions in it."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    uncounted: ast.expr | None = None
    if isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value is None):
        uncounted = node.target
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
            yield name
    for child in ast.iter_child_nodes(node):
        if child is not uncounted:
            yield from _stored(child)
