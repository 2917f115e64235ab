"""How far a module's own code runs before another thread can be running its functions.

Until then a global cannot be seen half made, so one that is bound once by then is a constant.
Other code gets at a module's functions only by being given them: so what counts is a call that is
known to start threads, and any call of foreign code with a function or object of the module among
its arguments. Functions of the module are followed by name, whatever object they are called on.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator

from .calls import METHODS, STARTERS

Position = tuple[int, int]
NEVER: Position = (sys.maxsize, 0)

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_BUILTINS = frozenset(dir(builtins))
_PLAIN_METHODS = METHODS.union(dir(str), dir(bytes), dir(int), dir(float))


def position(node: ast.AST) -> Position:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def first_start(tree: ast.Module) -> Position:
    """Where the first statement begins that may let another thread run the module's functions."""
    return _Module(tree).first(tree.body)


class _Module:
    def __init__(self, tree: ast.Module) -> None:
        self._definitions: dict[str, list[Definition]] = {}
        self._bound: set[str] = set()
        self._stdlib: set[str] = set()
        self._seen: set[ast.AST] = set()
        for node in ast.walk(tree):
            if isinstance(node, Definition):
                self._definitions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                self._bound.add(node.id)
            elif isinstance(node, ast.arg):
                self._bound.add(node.arg)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    self._imported(alias.asname or top, top)
            elif isinstance(node, ast.ImportFrom):
                top = "" if node.level else (node.module or "").partition(".")[0]
                for alias in node.names:
                    self._imported(alias.asname or alias.name, top)

    def _imported(self, name: str, top: str) -> None:
        if top in sys.stdlib_module_names:
            self._stdlib.add(name)
        else:
            self._bound.add(name)

    def first(self, body: Iterable[ast.stmt]) -> Position:
        for statement in body:
            blocks = [
                block
                for block in ast.iter_child_nodes(statement)
                if isinstance(block, ast.stmt | ast.ExceptHandler | ast.match_case)
            ]
            if isinstance(statement, Definition) or not blocks:
                if self._starts(statement):
                    return position(statement)
                continue
            heads = [n for n in ast.iter_child_nodes(statement) if n not in blocks]
            if any(self._starts(head) for head in heads):
                return position(statement)
            found = self.first(_statements(blocks))
            if found != NEVER:
                return found
        return NEVER

    def _starts(self, node: ast.AST) -> bool:
        """Whether evaluating the node may start something."""
        return any(self._starts_itself(part) for part in self._evaluated(node))

    def _evaluated(self, node: ast.AST) -> Iterator[ast.AST]:
        """The node's parts that run where it does, and the bodies of the functions it names."""
        yield node
        parts: list[ast.AST] = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parts = [*node.decorator_list, node.args]
        elif isinstance(node, ast.ClassDef):  # its bases are named, but not called
            parts = [*node.decorator_list, *node.keywords, *node.body]
        name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
        for definition in self._definitions.get(name, ()):
            if definition not in self._seen:
                self._seen.add(definition)
                parts += _run_by_name(definition)
        for part in parts:
            yield from self._evaluated(part)

    def _starts_itself(self, node: ast.AST) -> bool:
        if isinstance(node, Definition):
            return any(self._is_foreign(decorator) for decorator in node.decorator_list)
        if not isinstance(node, ast.Call):
            return False
        if isinstance(node.func, ast.Attribute):
            known = node.func.attr in STARTERS
        else:
            name = getattr(node.func, "id", "")
            known = name in STARTERS and not (name in _BUILTINS and name not in self._bound)
        if known:
            return True
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        return self._is_foreign(node.func) and any(self._gives(a) for a in arguments)

    def _is_foreign(self, function: ast.expr) -> bool:
        """Whether it is neither the module's, nor the standard library's, nor a builtin type's."""
        while isinstance(function, ast.Call):
            function = function.func
        if isinstance(function, ast.Attribute) and (
            function.attr in self._definitions or function.attr in _PLAIN_METHODS
        ):
            return False
        while isinstance(function, ast.Attribute | ast.Subscript | ast.Call):
            function = function.func if isinstance(function, ast.Call) else function.value
        if not isinstance(function, ast.Name):
            return True
        if function.id in self._definitions:
            return False
        if function.id in self._bound:
            return True
        return function.id not in self._stdlib and function.id not in _BUILTINS

    def _gives(self, argument: ast.expr) -> bool:
        """Whether the argument may hand over a function of the module."""
        return any(
            isinstance(part, ast.Lambda)
            or (
                isinstance(part, ast.Name)
                and (part.id in self._definitions or part.id in self._bound)
            )
            for part in ast.walk(argument)
        )


def _run_by_name(definition: Definition) -> Iterator[ast.AST]:
    """The code that may run because a function or class is named; other methods are named too."""
    if not isinstance(definition, ast.ClassDef):
        yield from definition.body
        return
    yield from definition.bases
    for statement in definition.body:
        if (
            isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
            and statement.name.startswith("__")
            and statement.name.endswith("__")
        ):
            yield from statement.body


def _statements(nodes: Iterable[ast.AST]) -> Iterator[ast.stmt]:
    for node in nodes:
        if isinstance(node, ast.stmt):
            yield node
        else:
            yield from getattr(node, "body", ())
