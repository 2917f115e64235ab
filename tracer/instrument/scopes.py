"""Which names are shared: the scopes of a module, and what each name in them refers to.

A global is shared if it can change while threads run: it is bound more than once, or otherwise
than by `def`, `class`, `import` or one plain assignment at module level, made before any thread can
run the module's functions (`startup.py`). A local is shared if a closure captures it and it can
change after the closure is made.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable
from enum import Enum, auto

from .calls import PLAIN
from .startup import NEVER, Position, first_start, position

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class ScopeKind(Enum):
    MODULE = auto()
    CLASS = auto()
    FUNCTION = auto()
    COMPREHENSION = auto()


class Binding(Enum):
    """How a name gets its value."""

    DEFINITION = auto()  # def, class, import
    PARAMETER = auto()
    ASSIGNMENT = auto()  # one plain assignment outside any loop
    OTHER = auto()  # a loop, a with, an augmented assignment, a deletion …


class Sharing(Enum):
    """How a name must be treated."""

    PRIVATE = auto()
    GLOBAL = auto()
    CELL = auto()


class Scope:
    """One scope: its names, and the scope around it."""

    def __init__(
        self, kind: ScopeKind, name: str, parent: Scope | None, begins: Position = (0, 0)
    ) -> None:
        self.kind = kind
        self.name = name
        self.parent = parent
        self.begins = begins
        self.bindings: dict[str, list[Binding]] = {}
        self.uses: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        # Where the first scope inside begins that captures the name.
        self.captured: dict[str, Position] = {}
        # Where the (last) plain assignment to the name is complete.
        self.assigned: dict[str, Position] = {}
        self.children: list[Scope] = []
        self.yields = False  # it is a generator's

    @property
    def qualname(self) -> str:
        """The name that code objects carry: `C.run`, `f.<locals>.g`."""
        if self.kind is ScopeKind.MODULE or self.parent is None:
            return "<module>"
        around = self.parent
        if self.name in around.globals or around.kind is ScopeKind.MODULE:
            return self.name
        if around.kind is ScopeKind.CLASS:
            return f"{around.qualname}.{self.name}"
        return f"{around.qualname}.<locals>.{self.name}"

    @property
    def class_name(self) -> str | None:
        """The innermost class around, for name mangling."""
        scope: Scope | None = self
        while scope is not None:
            if scope.kind is ScopeKind.CLASS:
                return scope.name
            scope = scope.parent
        return None

    def mangle(self, name: str) -> str:
        """`name` as the compiler spells it here (`__x` in class C is `_C__x`)."""
        if not name.startswith("__") or name.endswith("__") or "." in name:
            return name
        owner = (self.class_name or "").lstrip("_")
        return f"_{owner}{name}" if owner else name

    def owner(self, name: str) -> Scope:
        """The scope whose variable `name` is when it is used here; the module for a global."""
        scope = self
        while scope.parent is not None:
            if name in scope.globals:
                return self.module
            visible = scope is self or scope.kind is not ScopeKind.CLASS
            if visible and name in scope.bindings and name not in scope.nonlocals:
                return scope
            scope = scope.parent
        return scope

    @property
    def module(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def thread_scope(self) -> Scope:
        """The function, class or module whose frame runs this scope's code."""
        scope = self
        while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
            scope = scope.parent
        return scope


class Names:
    """The scopes of a module and what its names refer to.

    `standalone` says that only this module's own code can reach its globals (a script): then a
    global that no function mentions is left alone. `foreign` says that the globals are those of
    another module, so that any name but a builtin's may be one.
    """

    def __init__(self, tree: ast.Module, standalone: bool, foreign: bool = False) -> None:
        self._foreign = foreign
        builder = _Builder()
        builder.build(tree)
        self.module = builder.module
        self.scopes = builder.scopes
        self.stdlib_imports = builder.stdlib_imports
        self.imported = builder.imported
        """The names that the module's own code imports."""
        self._star_imports = builder.star_imports
        self._stored = builder.stored
        self._methods = {
            name
            for scope in set(builder.scopes.values())
            if scope.kind is ScopeKind.CLASS
            for name, kinds in scope.bindings.items()
            if Binding.DEFINITION in kinds
        }
        self.standalone = standalone
        self._all: dict[tuple[Scope, str], list[Binding]] = {}
        self._mentioned: set[str] = set()  # globals that functions mention
        self._first_start = first_start(tree)
        self._collect(self.module)

    def _collect(self, scope: Scope) -> None:
        for name, kinds in scope.bindings.items():
            owner = scope.owner(name)
            rebinds = owner is not scope
            self._all.setdefault((owner, name), []).extend(
                [Binding.OTHER] * len(kinds) if rebinds else kinds
            )
        for name in scope.uses | set(scope.bindings):
            owner = scope.owner(name)
            user = scope.thread_scope
            if owner.kind is ScopeKind.MODULE:
                if user.kind is not ScopeKind.MODULE:
                    self._mentioned.add(name)
            elif owner.thread_scope is not user:
                inside = user
                while inside.parent is not None and inside.parent.thread_scope is not owner:
                    inside = inside.parent
                first = owner.captured.get(name, inside.begins)
                owner.captured[name] = min(first, inside.begins)
        for child in scope.children:
            self._collect(child)

    def sharing(self, scope: Scope, name: str) -> Sharing:
        """How a use of `name` in `scope` must be treated."""
        if name.startswith("__") and name.endswith("__"):
            return Sharing.PRIVATE
        owner = scope.owner(name)
        kinds = self._all.get((owner, name))
        if self._foreign and owner.kind is ScopeKind.MODULE:
            return Sharing.GLOBAL if kinds or not hasattr(builtins, name) else Sharing.PRIVATE
        if not kinds or self._constant(owner, name, kinds):
            return Sharing.PRIVATE
        if owner.kind is ScopeKind.MODULE:
            hidden = self.standalone and name not in self._mentioned
            return Sharing.PRIVATE if hidden else Sharing.GLOBAL
        if owner.kind is ScopeKind.CLASS or name not in owner.captured:
            return Sharing.PRIVATE
        return Sharing.CELL

    def _constant(self, owner: Scope, name: str, kinds: list[Binding]) -> bool:
        if all(kind is Binding.DEFINITION for kind in kinds):
            return True
        if len(kinds) != 1 or kinds[0] is Binding.OTHER:
            return False
        if kinds[0] is not Binding.ASSIGNMENT:
            return True
        at_module_level = owner.kind is ScopeKind.MODULE
        seen = self._first_start if at_module_level else owner.captured.get(name, NEVER)
        return owner.assigned[name] <= seen

    def is_builtin(self, scope: Scope, name: str) -> bool:
        """Whether `name` is bound nowhere in the module, so that it means the builtin."""
        return not self._star_imports and (scope.owner(name), name) not in self._all

    def may_hold_data(self, attribute: str) -> bool:
        """Whether an attribute that is called may be something stored, as a callback is: what the
        module stores, and what it does not know as a method."""
        known = attribute in self._methods or attribute in PLAIN
        return self.is_stored(attribute) or not known

    def is_stored(self, attribute: str) -> bool:
        """Whether the module stores something as an attribute of this name."""
        return attribute in self._stored

    def is_captured(self, scope: Scope, name: str) -> bool:
        """Whether a function inside uses the function's variable `name`, too."""
        owner = scope.owner(name)
        return owner.kind is ScopeKind.FUNCTION and name in owner.captured

    def is_stdlib(self, scope: Scope, name: str) -> bool:
        """Whether `name` is an imported standard library module here."""
        owner = scope.owner(name)
        kinds = self._all.get((owner, name), [])
        return (owner, name) in self.stdlib_imports and kinds == [Binding.DEFINITION]

    def data_globals(self) -> list[str]:
        """The globals that hold data: bound otherwise than by def, class or import."""
        return [
            name
            for (owner, name), kinds in self._all.items()
            if owner is self.module
            and not all(kind is Binding.DEFINITION for kind in kinds)
            and not (name.startswith("__") and name.endswith("__"))
        ]


class _Builder(ast.NodeVisitor):
    """Finds the scopes, and in each the names that are bound and used."""

    def __init__(self) -> None:
        self.module = Scope(ScopeKind.MODULE, "<module>", None)
        self.scopes: dict[ast.AST, Scope] = {}
        self.stdlib_imports: set[tuple[Scope, str]] = set()
        self.imported: set[str] = set()
        self.star_imports = False
        self.stored: set[str] = set()  # attributes, whatever they are of
        self._scope = self.module
        self._loops = 0

    def build(self, tree: ast.Module) -> None:
        self.scopes[tree] = self.module
        self._visit_all(tree.body)

    def _visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _bind(self, name: str, kind: Binding) -> None:
        if kind is Binding.ASSIGNMENT and self._loops:
            kind = Binding.OTHER
        if self._scope.kind is ScopeKind.CLASS and kind is not Binding.DEFINITION:
            self.stored.add(name)
        self._scope.bindings.setdefault(name, []).append(kind)

    def _enter(self, kind: ScopeKind, name: str, node: ast.AST) -> tuple[Scope, int]:
        before = self._scope, self._loops
        self._scope = Scope(kind, name, self._scope, begins=position(node))
        before[0].children.append(self._scope)
        self.scopes[node] = self._scope
        self._loops = 0
        return before

    def _leave(self, before: tuple[Scope, int]) -> None:
        self._scope, self._loops = before

    def _type_parameters(self, node: FunctionNode | ast.ClassDef) -> None:
        for parameter in getattr(node, "type_params", ()):
            self._scope.bindings.setdefault(parameter.name, []).append(Binding.PARAMETER)

    def _function(self, node: FunctionNode | ast.Lambda, name: str) -> None:
        arguments = node.args
        self._visit_all(arguments.defaults)
        self._visit_all(arguments.kw_defaults)
        before = self._enter(ScopeKind.FUNCTION, name, node)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        for argument in every:
            self._bind(argument.arg, Binding.PARAMETER)
        if isinstance(node, ast.Lambda):
            self.visit(node.body)
        else:
            self._type_parameters(node)
            self._visit_all(node.body)
        self._leave(before)

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        self._bind(node.name, Binding.DEFINITION)
        self._visit_all(node.decorator_list)
        self._function(node, node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node, "<lambda>")

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name, Binding.DEFINITION)
        self._visit_all(node.decorator_list)
        self._visit_all(node.bases)
        self._visit_all(node.keywords)
        if getattr(node, "type_params", ()):
            # The parameters live in a scope of their own, which methods see.
            around = self._enter(
                ScopeKind.FUNCTION, "<type parameters>", ast.copy_location(ast.Pass(), node)
            )
            self._type_parameters(node)
            before = self._enter(ScopeKind.CLASS, node.name, node)
            self._visit_all(node.body)
            self._leave(before)
            self._leave(around)
            return
        before = self._enter(ScopeKind.CLASS, node.name, node)
        self._visit_all(node.body)
        self._leave(before)

    def visit_TypeAlias(self, node: ast.AST) -> None:
        name = getattr(node, "name", None)
        if isinstance(name, ast.Name):
            self._bind(name.id, Binding.DEFINITION)

    def _comprehension(self, node: Comprehension, *parts: ast.expr) -> None:
        self.visit(node.generators[0].iter)
        before = self._enter(ScopeKind.COMPREHENSION, "<comprehension>", node)
        self._loops = 1
        for index, generator in enumerate(node.generators):
            self.visit(generator.target)
            if index:
                self.visit(generator.iter)
            self._visit_all(generator.ifs)
        self._visit_all(parts)
        self._leave(before)

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        self._comprehension(node, node.elt)

    visit_SetComp = visit_ListComp
    visit_GeneratorExp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> None:
        parts = (node.key, node.value)
        self._comprehension(node, *(part for part in parts if part is not None))

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._scope.uses.add(node.id)
        else:
            self._bind(node.id, Binding.OTHER)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        if not isinstance(node.ctx, ast.Load):
            self.stored.add(node.attr)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        named = isinstance(node.func, ast.Name) and node.func.id == "setattr"
        if named and len(node.args) == 3 and isinstance(node.args[1], ast.Constant):
            self.stored.add(str(node.args[1].value))

    def visit_Yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        self._scope.yields = True
        self.generic_visit(node)

    visit_YieldFrom = visit_Yield

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        inside = self._scope
        self._scope = inside.thread_scope
        if inside is self._scope:
            self._assign(node.target.id, node)
        else:
            self._bind(node.target.id, Binding.OTHER)
        self._scope = inside

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assigned(target, node)

    def _assigned(self, target: ast.expr, node: ast.Assign | ast.AnnAssign) -> None:
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Lambda):
            self._bind(target.id, Binding.DEFINITION)
        elif isinstance(target, ast.Name):
            self._assign(target.id, node)
        elif isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self._assigned(element, node)
        elif isinstance(target, ast.Starred):
            self._assigned(target.value, node)
        else:
            self.visit(target)

    def _assign(self, name: str, node: ast.expr | ast.stmt) -> None:
        """A plain assignment, which is complete where the node ends."""
        self._bind(name, Binding.ASSIGNMENT)
        self._scope.assigned[name] = node.end_lineno or 0, node.end_col_offset or 0

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            if isinstance(node.target, ast.Name):
                self._scope.bindings.setdefault(node.target.id, [])
                if self._scope.kind is ScopeKind.CLASS:
                    self.stored.add(node.target.id)
            return
        self.visit(node.value)
        self._assigned(node.target, node)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self._loops += 1
        self.visit(node.target)
        self._visit_all(node.body)
        self._loops -= 1
        self._visit_all(node.orelse)

    visit_AsyncFor = visit_For

    def visit_While(self, node: ast.While) -> None:
        self._loops += 1
        self.visit(node.test)
        self._visit_all(node.body)
        self._loops -= 1
        self._visit_all(node.orelse)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            name = alias.asname or top
            self._import(name)
            if top in sys.stdlib_module_names:
                self.stdlib_imports.add((self._scope.owner(name), name))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.star_imports = True
            else:
                self._import(alias.asname or alias.name)

    def _import(self, name: str) -> None:
        self._bind(name, Binding.DEFINITION)
        if self._scope is self.module:
            self.imported.add(name)

    def visit_Global(self, node: ast.Global) -> None:
        self._scope.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self._scope.nonlocals.update(node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name is not None:
            self._bind(node.name, Binding.OTHER)
        self._visit_all(node.body)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name is not None:
            self._bind(node.name, Binding.OTHER)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name is not None:
            self._bind(node.name, Binding.OTHER)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest is not None:
            self._bind(node.rest, Binding.OTHER)
        self.generic_visit(node)
