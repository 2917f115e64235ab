"""The function of the module that a call runs, where its name leaves no doubt."""

from __future__ import annotations

import ast
from collections import Counter
from typing import NamedTuple

from .guards import last_name
from .scopes import FunctionNode, Names, Scope, ScopeKind


class Callee(NamedTuple):
    """A function that is called by name, and the parameters that a call can fill.

    `closed`: whether all its calls are among the module's.
    """

    scope: Scope
    positional: tuple[str, ...]
    keywords: frozenset[str]
    closed: bool

    def parameter(self, index: int, keyword: str | None = None) -> str | None:
        """The parameter that an argument is for; None if that is not known."""
        if keyword is not None:
            return keyword if keyword in self.keywords else None
        return self.positional[index] if index < len(self.positional) else None


class Callees:
    """The functions of a module that are the only ones there of their name.

    Not among them: coroutines, generators, and what a decorator may have replaced.
    """

    def __init__(self, tree: ast.Module, names: Names) -> None:
        self._names = names
        defined = Counter(
            name
            for scope in set(names.scopes.values())
            for name, kinds in scope.bindings.items()
            for _ in kinds
        )
        mentioned: Counter[str] = Counter()
        for node in ast.walk(tree):
            # A call takes back the mention of what it calls.
            if isinstance(node, ast.Call):
                mentioned[last_name(node.func)] -= 1
            elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                mentioned[last_name(node)] += 1
        # The names of all functions.
        self.defined = {node.name for node in names.scopes if isinstance(node, FunctionNode)}
        self._known = {
            node.name: _callee(node, scope, names.standalone and mentioned[node.name] == 0)
            for node, scope in names.scopes.items()
            if isinstance(node, ast.FunctionDef)
            and defined[node.name] == 1
            and not names.is_stored(node.name)
            and _is_plain(node)
        }

    def of(self, call: ast.Call, scope: Scope) -> Callee | None:
        """What a call in this scope runs, if it is known."""
        callee = self._known.get(last_name(call.func))
        if callee is None or callee.scope.parent is None:
            return None
        around = callee.scope.parent
        if isinstance(call.func, ast.Name):
            return callee if scope.owner(call.func.id) is around else None
        named_class = last_name(getattr(call.func, "value", None)) == around.name
        return callee if around.kind is ScopeKind.CLASS and not named_class else None

    def scope(self, function: ast.expr) -> Scope | None:
        """That of the function that an expression names, if it is known."""
        callee = self._known.get(last_name(function))
        return callee.scope if callee is not None else None


def _is_plain(node: ast.FunctionDef) -> bool:
    return all(
        last_name(d) in ("staticmethod", "classmethod") for d in node.decorator_list
    ) and not any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(node))


def _callee(node: ast.FunctionDef, scope: Scope, closed: bool) -> Callee:
    positional = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    static = any(last_name(d) == "staticmethod" for d in node.decorator_list)
    if scope.parent is not None and scope.parent.kind is ScopeKind.CLASS and not static:
        del positional[:1]
    keywords = frozenset(a.arg for a in (*node.args.args, *node.args.kwonlyargs))
    return Callee(scope, tuple(positional), keywords, closed)
