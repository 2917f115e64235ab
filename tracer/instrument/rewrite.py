"""The statements of a module, rewritten: what `compile_source` compiles instead of the source."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from . import static_attributes
from .assignments import Assignments, interrupted
from .callees import Callees, parameters
from .dataflow import RESULT, Flow, Sites, given, returned
from .description import Description
from .guards import (
    JUMPS,
    awaited,
    goes_over_copy,
    last_name,
    left_by,
    looked_up,
    makes_up,
    searched,
    waits,
)
from .placing import beginning, place, taken_at, takes_at_item
from .regardless import regardless
from .scopes import FunctionNode, Names, ScopeKind, Sharing

# So many arguments that go into `*rest` are followed.
MOST_IN_REST = 4


def rewrite(
    tree: ast.Module, source: str, *, standalone: bool = False, scheduling: bool = False
) -> tuple[Description, list[str]]:
    """Hook the shared accesses of a tree parsed from `source`, in place. Returns what is to be
    entered before the code runs, with hooks that are to be put into it (`constants.filled`), and
    the names of the module's globals that are data.

    `standalone` says that no other module can reach the globals (a script). With `scheduling` the
    code that accesses a shared name by itself passes a scheduling point before it (where a hook
    makes the access, it passes the point too). Raises RecursionError if the source is nested too
    deeply.
    """
    names = Names(tree, standalone)
    return _hooked(tree, source, names, scheduling), names.data_globals()


def rewrite_text(tree: ast.Module, source: str, *, scheduling: bool) -> Description:
    """The same for a text that is run among the globals of a module that was rewritten."""
    return _hooked(tree, source, Names(tree, False, True), scheduling)


def _hooked(tree: ast.Module, source: str, names: Names, scheduling: bool) -> Description:
    sites = Sites(source)
    callees = Callees(tree, names)
    sites.mention(callees.mentioned)
    Rewriter(names, callees, sites, scheduling).rewrite(tree)
    return sites.described()


def breaks(node: ast.AST) -> bool:
    """Whether the node can break out of the loop that it stands in."""
    if isinstance(node, ast.Break):
        return True
    if isinstance(node, FunctionNode | ast.ClassDef):
        return False
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, ast.For | ast.AsyncFor | ast.While):
        children = node.orelse
    return any(breaks(child) for child in children)


def returns(node: ast.AST) -> bool:
    """Whether the node can leave the function that it stands in."""
    if isinstance(node, ast.Return | ast.Raise):
        return True
    if isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda):
        return False
    return any(returns(child) for child in ast.iter_child_nodes(node))


def _is_lazy(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether the module is imported when the name is first used: to record what is bound would use
    it."""
    return bool(getattr(node, "is_lazy", 0))


class Rewriter(Assignments):
    """Rewrites statements; every `visit_` method of one returns a list of statements."""

    def rewrite(self, tree: ast.Module) -> None:
        self.sites.regardless.update(regardless(tree.body))
        tree.body = self.block(tree.body)

    def block(self, body: list[ast.stmt], keep_guards: bool = False) -> list[ast.stmt]:
        """Visit statements; those after an early exit are guarded by its test.

        `keep_guards`: leave such guards in force for what follows the block.
        """
        depth = len(self.sites.guards)
        result: list[ast.stmt] = []
        for statement in body:
            with self.sites.collecting():
                new = self.visit(statement)
            result += new if isinstance(new, list) else [new]
        if not keep_guards:
            del self.sites.guards[depth:]
        return result

    def defined(self, node: ast.stmt, *names: str | None) -> list[ast.stmt]:
        """A def, class or import with the scheduling points and the records of its names."""
        bound = self.bound(node, *names)
        points: list[ast.stmt] = []
        if self.scheduling:
            for name, site in bound:
                nothing = place(ast.Constant(value=None), node)
                point = self.before_write(nothing, name.id, site)
                points.append(place(ast.Expr(value=point), node))
        return [*points, node, *self.records(bound)]

    # Control

    def visit_If(self, node: ast.If) -> list[ast.stmt]:
        test = node.test
        exits = isinstance(node.body[-1], JUMPS)
        exits |= bool(node.orelse) and isinstance(node.orelse[-1], JUMPS)
        bodies = [*node.body, *node.orelse]
        made_up = not exits and makes_up(test, bodies, self.callees.defined)
        waited = made_up and waits(bodies)
        node.test, flow = self.collected_test(test)
        with self.guarded(flow):
            node.body = self.block(node.body)
            node.orelse = self.block(node.orelse)
        if exits:
            self.sites.guards.append(flow)
        elif waited:
            self.sites.guards.append(flow.for_acts_that("takes", "fills"))
        elif made_up:
            self.sites.guards.append(flow.for_acts_that("takes"))
        return [node]

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        tests, passed = awaited(node), left_by(node)
        first, test = self.sites.count(), node.test
        node.test, flow = self.collected_test(test)
        flow.asks = any(not site.hooked for site in flow.sites)
        with self.guarded(flow):
            node.body = self.block(node.body)
        if not self.sites.acts(first):
            self.sites.awaited += [self.tested[test] for test in tests if test in self.tested]
        with self.guarded(flow):
            node.orelse = self.block(node.orelse)
        if not any(breaks(statement) for statement in node.body):
            # What follows depends on the test, but a queue that was drained is not therefore
            # filled again.
            reads = [site for site in flow.sites if site.hooked]
            self.sites.guards.append(Flow(reads, flow.names, flow.opaque, parts=flow.parts))
        self.sites.guards += [self.tested[test] for test in passed if test in self.tested]
        return [node]

    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        node.test, flow = self.collected_test(node.test)
        if node.msg is not None:
            node.msg = self.expression(node.msg)
        self.sites.guards.append(flow)
        return [node]

    def visit_For(self, node: ast.For | ast.AsyncFor) -> list[ast.stmt]:
        body, parts = node.body, goes_over_copy(node)
        with self.sites.collecting() as flow:
            node.iter = self.loop_source(node)
        stored = self.scheduling or interrupted(node.target)
        bound = self.target(node.target, flow, stored=stored)
        text = node.target
        node.target = self.replaced(node.target, flow, stored=stored)
        shared = self.bindings(bound, flow, text)
        self.copied.append((self.scope, parts, flow, len(self.sites.guards)))
        node.body = [*self.records(shared), *self.block(body)]
        self.copied.pop()
        with self.guarded(flow):
            node.orelse = self.block(node.orelse)
        if any(map(returns, body)):
            self.sites.guards.append(flow)  # who comes further has not found what was searched
        return [node]

    visit_AsyncFor = visit_For

    def visit_With(self, node: ast.With | ast.AsyncWith) -> list[ast.stmt]:
        records: list[ast.stmt] = []
        for item in node.items:
            start = beginning(item.context_expr)
            with self.sites.collecting() as flow:
                item.context_expr = self.expression(item.context_expr)
            self.sites.current.add(flow)
            if item.optional_vars is not None:
                flow.names.append(returned("__enter__"))
                flow.opaque = True
                text = item.optional_vars
                stored = self.scheduling or len(node.items) > 1 or interrupted(text)
                bound = self.target(text, flow, stored=stored)
                item.optional_vars = self.replaced(text, flow, stored=stored)
                records += self.records(self.bindings(bound, flow, text))
            self.entered(node, item.context_expr)
            item.context_expr = taken_at(item.context_expr, start)
        node.body = [*records, *self.block(node.body, keep_guards=True)]
        return [node]

    visit_AsyncWith = visit_With

    def entered(self, node: ast.With | ast.AsyncWith, item: ast.expr) -> None:
        """A site for the lock that may be taken here, where the interpreter has its call."""
        at_item = takes_at_item()
        if not (at_item and isinstance(item, ast.Call)):
            site = self.site(item if at_item else node, act=True, text=item)
            site.text = f"with {site.text}:"

    def visit_Try(self, node: ast.Try | ast.TryStar) -> list[ast.stmt]:
        first = self.sites.count()
        node.body = self.block(node.body, keep_guards=True)
        reads = Flow(self.sites.values(first, self.scope.thread_scope))
        misses = looked_up(node.handlers)
        left = any(isinstance(handler.body[-1], JUMPS) for handler in misses)
        for handler in node.handlers:
            guard = reads if searched(handler) else Flow()
            if handler.type is not None:
                handler.type = self.expression(handler.type)
            place_of_name = handler.type or handler
            record = self.records(self.bound(place_of_name, handler.name))
            with self.guarded(guard):
                handler.body = [*record, *self.block(handler.body)]
        depth = len(self.sites.guards)
        if misses:
            self.sites.guards.append(reads)
        node.orelse = self.block(node.orelse, keep_guards=True)
        if misses and not left:
            del self.sites.guards[depth]
        node.finalbody = self.block(node.finalbody)
        return [node]

    visit_TryStar = visit_Try

    def visit_Match(self, node: ast.Match) -> list[ast.stmt]:
        with self.sites.collecting() as flow:
            node.subject = self.expression(node.subject)
        for case in node.cases:
            depth = len(self.sites.guards)
            self.sites.guards.append(flow)
            records: list[ast.expr] = []
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    load = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), pattern)
                    shared = self.bindings([load], flow)
                    records += [self.wrote(load, name, site, "bound") for _, site in shared]
            if case.guard is not None:
                case.guard, guard = self.collected_test(case.guard)
                self.sites.guards.append(guard)
            tests = [*records, case.guard] if case.guard is not None else records
            if len(tests) > 1:
                case.guard = place(ast.BoolOp(op=ast.And(), values=tests), tests[0])
            elif tests:
                case.guard = tests[0]
            case.body = self.block(case.body)
            del self.sites.guards[depth:]
        return [node]

    # Definitions

    def visit_FunctionDef(self, node: FunctionNode) -> list[ast.stmt]:
        node.decorator_list = [self.expression(d) for d in node.decorator_list]
        self.defaults(node.args)
        self.function_flows(node)
        declared = static_attributes.declared(node) if self.scope.class_name else []
        with self.inside(node):
            self.parameters(node.args)
            self.sites.regardless.update(regardless(node.body))
            start = int(ast.get_docstring(node, clean=False) is not None)
            node.body = node.body[:start] + declared + self.block(node.body[start:])
        return self.defined(node, node.name)

    def function_flows(self, node: FunctionNode) -> None:
        """What flows into the function's parameters, and where what it returns goes: a function is
        made of that."""
        scope, name = self.names.scopes[node], node.name
        result = Flow(names=[(scope, RESULT)])
        self.sites.assign(returned(name), result)
        if self.sharing(name) is Sharing.PRIVATE:
            self.sites.assign((self.scope.owner(name), name), result)
        names = [name]
        if name == "__init__" and self.scope.kind is ScopeKind.CLASS:
            names.append(self.scope.name)
        positional = parameters(node, self.scope)
        filled: dict[str, list[int | str]] = {
            p: [i, f"{p}=", "*"] for i, p in enumerate(positional)
        }
        filled |= {p.arg: [f"{p.arg}="] for p in node.args.kwonlyargs}
        if node.args.vararg is not None:
            rest = range(len(positional), len(positional) + MOST_IN_REST)
            filled[node.args.vararg.arg] = [*rest, "*"]
        if node.args.kwarg is not None:
            filled[node.args.kwarg.arg] = ["**"]
        for parameter, places in filled.items():
            flow = Flow(names=[given(one, at) for one in names for at in places])
            self.sites.assign((scope, parameter), flow)
        if self.callees.is_open(node):
            self.sites.mention([name])
        else:
            self.sites.function(scope, name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        if node.value is not None:
            with self.sites.collecting() as flow:
                node.value = self.expression(node.value)
            self.gives(flow)
        return [node]

    def visit_ClassDef(self, node: ast.ClassDef) -> list[ast.stmt]:
        node.decorator_list = [self.expression(d) for d in node.decorator_list]
        node.bases = [self.expression(base) for base in node.bases]
        for keyword in node.keywords:
            keyword.value = self.expression(keyword.value)
        if not any(isinstance(s, FunctionNode) and s.name == "__init__" for s in node.body):
            for base in node.bases:
                for at in range(MOST_IN_REST):  # it is made as the base is
                    flow = Flow(names=[given(node.name, at)])
                    self.sites.assign(given(last_name(base), at), flow)
        with self.inside(node):
            node.body = self.block(node.body)
        load = ast.Name(id=node.name, ctx=ast.Load())
        label = self.hook("label_class", node, [load], None, name=node.name)
        return [*self.defined(node, node.name), place(ast.Expr(value=label), node)]

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        if _is_lazy(node):
            return [node]
        names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        return self.defined(node, *names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        names = [alias.asname or alias.name for alias in node.names if alias.name != "*"]
        if node.module == "__future__":
            return [node]
        for alias in node.names:
            variable = self.scope.owner(alias.asname or alias.name), alias.asname or alias.name
            self.sites.assign(variable, Flow(names=[returned(alias.name)]))
        return [node] if _is_lazy(node) else self.defined(node, *names)

    def visit_TypeAlias(self, node: ast.stmt) -> list[ast.stmt]:
        return [node]
