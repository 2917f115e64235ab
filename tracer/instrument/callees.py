"""By which name a call is known, and which functions are called only where that is seen."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict

from .calls import METHODS, OPEN
from .guards import last_name
from .scopes import FunctionNode, Names, Scope, ScopeKind

# What makes a builtin container.
_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
_MAKERS = frozenset(["bytearray", "defaultdict", "deque", "dict", "list", "set"])


class Callees:
    """The functions of a module, and what its calls call."""

    def __init__(self, tree: ast.Module, names: Names) -> None:
        self._names = names
        self.defined: set[str] = set()  # the names of all functions
        self._imported: dict[str, str] = {}  # what they are called where they come from
        bound: defaultdict[str, list[ast.expr | None]] = defaultdict(list)
        mentioned: Counter[str] = Counter()
        for node in ast.walk(tree):
            # A call takes back the mention of what it calls.
            if isinstance(node, ast.Call):
                mentioned[last_name(node.func)] -= 1
            elif isinstance(node, ast.Name | ast.Attribute):
                if isinstance(node.ctx, ast.Load):
                    mentioned[last_name(node)] += 1
                else:
                    bound[last_name(node)].append(None)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    # It takes back that of its target.
                    bound[last_name(target)].append(node.value)
            elif isinstance(node, FunctionNode):
                self.defined.add(node.name)
            elif isinstance(node, ast.ImportFrom):
                self._imported |= {a.asname: a.name for a in node.names if a.asname}
        self.mentioned = {name for name, times in mentioned.items() if times > 0}
        self._containers = {name for name, values in bound.items() if _are_displays(values)}
        # The names that keep a method of a container, with that (`add = items.append`).
        self.kept = {n: kept for n, values in bound.items() if (kept := _kept_method(values))}

    def name(self, call: ast.Call, scope: Scope) -> str | None:
        """The name of the functions of the program that the call may run; None if none can."""
        function = call.func
        if isinstance(function, ast.Name):
            if self._names.is_builtin(scope, function.id):
                return None
            return self._imported.get(function.id, function.id)
        if not isinstance(function, ast.Attribute):
            return None
        of_container = last_name(function.value) in self._containers
        return None if of_container and function.attr in METHODS else function.attr

    def is_open(self, node: FunctionNode) -> bool:
        """Whether something else than the program's calls may call a function: what a decorator may
        have given away, what runs later than it is called, what the interpreter or the standard
        library calls by its name."""
        return (
            isinstance(node, ast.AsyncFunctionDef)
            or node.name in OPEN
            or (node.name.startswith("__") and node.name.endswith("__"))
            or any(last_name(d) not in ("staticmethod", "classmethod") for d in node.decorator_list)
            or self._names.scopes[node].yields
        )


def _are_displays(values: list[ast.expr | None]) -> bool:
    """Whether every binding is one by an assignment of a new container."""
    made = [value for value in values if value is not None]
    return len(made) * 2 == len(values) and all(
        isinstance(value, _DISPLAYS)
        or (isinstance(value, ast.Call) and last_name(value.func) in _MAKERS)
        for value in made
    )


def _kept_method(values: list[ast.expr | None]) -> ast.Attribute | None:
    """The method of a container that every binding keeps, if there is one."""
    kept = [value for value in values if isinstance(value, ast.Attribute)]
    same = {value.attr for value in kept}
    known = len(kept) * 2 == len(values) and len(same) == 1 and same <= METHODS
    return kept[0] if known else None


def parameters(node: FunctionNode, around: Scope) -> list[str]:
    """The parameters that a call fills by place, without `self`."""
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    static = any(last_name(d) == "staticmethod" for d in node.decorator_list)
    return names[1:] if around.kind is ScopeKind.CLASS and not static else names
