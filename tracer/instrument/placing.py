"""Where the compiler says that code is, as tracebacks show it: what stands in for an expression is
to be found in the same place."""

from __future__ import annotations

import ast
from collections.abc import Set
from functools import cache
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)

_MOST_ARGUMENTS = 30
"""A call of a method with as many is compiled as any other call."""


def place(new: Node, old: ast.AST) -> Node:
    """Give `new` and the nodes under it that have none the place of `old`."""
    ast.copy_location(new, old)
    for child in ast.iter_child_nodes(new):
        if getattr(child, "lineno", None) is None:
            place(child, old)
    return new


def begin_at_name(node: ast.expr, attribute: ast.Attribute) -> None:
    """Have the node begin where the attribute's name is."""
    node.lineno = attribute.end_lineno or attribute.lineno
    node.col_offset = max((attribute.end_col_offset or 0) - len(attribute.attr), 0)


def beginning(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


@cache
def takes_at_item() -> bool:
    """Whether the compiler says that a loop takes its iterator, and a `with` enters, where that is
    written, and not where the statement begins."""
    code = compile("with (\n\nx):\n pass", "", "exec")
    lines = [line for line, *_ in code.co_positions()]
    return lines[lines.index(3) + 1] == 3


def taken_at(new: ast.expr, start: tuple[int, int]) -> ast.expr:
    """An expression that a loop or a `with` takes, which says that it does so where the expression
    began before `begin_at_name`, as a compiler has it that places them there."""
    if not takes_at_item() or beginning(new) == start:
        return new
    always, never = ast.Constant(value=True), ast.Constant(value=None)
    outer = ast.IfExp(test=always, body=new, orelse=never)  # compiled as `new` alone
    place(outer, new)
    for node in (outer, always, never):
        node.lineno, node.col_offset = start
    return outer


def is_at_name(node: ast.Call, imported: Set[str]) -> bool:
    """Whether the call is one that the compiler puts where the name of the method is, in another
    line than the call begins in; `imported` are the names that the module imports."""
    function = node.func
    if not isinstance(function, ast.Attribute) or function.end_lineno == node.lineno:
        return False
    value = function.value
    if isinstance(value, ast.Name) and value.id in imported:
        return False
    keywords = len(node.keywords)
    return (
        len(node.args) + keywords + bool(keywords) < _MOST_ARGUMENTS
        and not any(isinstance(argument, ast.Starred) for argument in node.args)
        and all(keyword.arg is not None for keyword in node.keywords)
    )
