"""Expressions with names of their own, and the targets of all that binds, rewritten."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from .call_expressions import Calls
from .dataflow import RESULT, Flow, given
from .placing import beginning, taken_at
from .scopes import Comprehension, Scope, ScopeKind, Sharing


class Binding(Calls):
    """Rewrites what binds names; assignments are in `assignments.Assignments`."""

    # Expressions that bind names

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        with self.sites.collecting() as flow:
            node.value = self.expression(node.value)
        self.sites.current.add(flow)
        name = node.target.id
        scope, self.scope = self.scope, self.scope.thread_scope
        try:
            site = self.binding(node, name, flow, node)
            if site is None:
                return node
            node.value = self.before_write(node.value, name, site)
            return self.wrote(node, name, site)
        finally:
            self.scope = scope

    # Scopes inside expressions

    @contextmanager
    def inside(self, node: ast.AST) -> Iterator[Scope]:
        """Visit a scope's own code."""
        outer, self.scope = self.scope, self.names.scopes[node]
        guards = self.sites.guards
        if self.scope.kind is not ScopeKind.COMPREHENSION:
            self.sites.guards = []
        with self.sites.collecting():
            yield self.scope
        self.scope, self.sites.guards = outer, guards

    def parameters(self, arguments: ast.arguments) -> None:
        """The parameters of the function whose scope was entered: nothing is known of them."""
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
        for argument in every:
            self.sites.assign((self.scope, argument.arg), Flow(opaque=True))

    def defaults(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self.expression(default) for default in arguments.defaults]
        arguments.kw_defaults = [
            None if default is None else self.expression(default)
            for default in arguments.kw_defaults
        ]

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self.defaults(node.args)
        with self.inside(node) as scope:
            self.parameters(node.args)
            with self.sites.collecting() as flow:
                node.body = self.expression(node.body)
            self.gives(flow)
        self.sites.current.names.append((scope, RESULT))
        return node

    def comprehension(self, node: Comprehension) -> ast.expr:
        guards = len(self.sites.guards)
        with self.sites.collecting() as first:
            iterable = self.loop_source(node.generators[0])
        with self.inside(node):
            for index, generator in enumerate(node.generators):
                with self.sites.collecting() as flow:
                    generator.iter = iterable if not index else self.loop_source(generator)
                flow.add(first)
                bound = self.target(generator.target, flow)
                generator.target = self.replaced(generator.target, flow)
                records = [
                    self.wrote(name, name.id, site, "bound")
                    for name, site in self.bindings(bound, flow)
                ]
                tests = []
                for test in generator.ifs:
                    result, guard = self.collected_test(test)
                    tests.append(result)
                    self.sites.guards.append(guard)
                generator.ifs = [*records, *tests]
                self.sites.current.add(flow)
            if isinstance(node, ast.DictComp) and node.value is None:
                node.key = self.iterated(node.key)  # `{**d for d in …}`
            elif isinstance(node, ast.DictComp):
                node.key = self.expression(node.key)
                node.value = self.expression(node.value)
            else:
                node.elt = self.expression(node.elt)
            inner = self.sites.current
        self.sites.current.add(inner)
        del self.sites.guards[guards:]
        return node

    visit_ListComp = comprehension
    visit_SetComp = comprehension
    visit_DictComp = comprehension
    visit_GeneratorExp = comprehension

    def loop_source(self, node: ast.comprehension | ast.For | ast.AsyncFor) -> ast.expr:
        asynchronous = isinstance(node, ast.AsyncFor) or getattr(node, "is_async", False)
        visit = self.expression if asynchronous else self.iterated
        start = beginning(node.iter)
        return taken_at(visit(node.iter), start)

    # Targets

    def target(self, node: ast.expr, flow: Flow, *, stored: bool = False) -> list[ast.Name]:
        """Rewrite the parts of a target in place; returns the names that it binds.

        The caller puts in what `replaced` gives for a target that is an attribute or item itself.
        `stored`: also for a global, which is then not among the names returned.
        """
        bound: list[ast.Name] = []
        if isinstance(node, ast.Name):
            if not (stored and self.sharing(node.id) is Sharing.GLOBAL):
                bound.append(node)
        elif isinstance(node, ast.Starred):
            bound += self.target(node.value, flow, stored=stored)
            node.value = self.replaced(node.value, flow, stored=stored)
        elif isinstance(node, ast.Tuple | ast.List):
            for index, element in enumerate(node.elts):
                bound += self.target(element, flow, stored=stored)
                node.elts[index] = self.replaced(element, flow, stored=stored)
        return [ast.copy_location(ast.Name(id=name.id, ctx=ast.Load()), name) for name in bound]

    def replaced(
        self, node: ast.expr, flow: Flow, text: ast.AST | None = None, *, stored: bool = False
    ) -> ast.expr:
        """What takes the place of an attribute or item (of a global, if `stored`) as a target: an
        item of a hook, whose assignment does the store and records it."""
        if stored and isinstance(node, ast.Name) and self.sharing(node.id) is Sharing.GLOBAL:
            site = self.site(node, name=node.id, flow=flow, act=True, text=text)
            return self.hook("write_global", node, [], site, context=ast.Store())
        if isinstance(node, ast.Attribute):
            self.put_into(node.value, flow)
            operands = [self.base(node.value)]
            site = self.site(node, name=node.attr, flow=flow, act=True, text=text)
            self.set_attribute(node, flow)
            return self.hook("write_attribute", node, operands, site, context=ast.Store())
        if isinstance(node, ast.Subscript):
            self.put_into(node.value, flow)
            with self.sites.collecting() as key:
                operands = [self.base(node.value), self.expression(node.slice)]
            self.sites.current.add(key)
            self.passed("__setitem__", [1], flow)
            site = self.site(node, flow=flow, key=key, act=True, resizes="fills", text=text)
            return self.hook("write_item", node, operands, site, context=ast.Store())
        return node

    def put_into(self, holder: ast.expr, flow: Flow) -> None:
        """What is stored in an object of a private name goes where the object is stored whole:
        `node.next = head` and then `head = node`."""
        while isinstance(holder, ast.Attribute | ast.Subscript):
            holder = holder.value
        if contents := self.contents(holder):
            self.sites.assign(contents, flow)

    def contents(self, node: ast.expr) -> tuple[Scope, str] | None:
        """The node of what was stored in the object of a private name, apart from the name's own,
        for to use the object is not to use that. None if it is another expression."""
        if not isinstance(node, ast.Name) or self.sharing(node.id) is not Sharing.PRIVATE:
            return None
        return self.scope.owner(node.id), f"{node.id}."

    def set_attribute(self, node: ast.Attribute, flow: Flow) -> None:
        """What is stored as an attribute may go into a property's setter."""
        own = isinstance(node.value, ast.Name) and node.value.id == "self"
        if flow and (not own or node.attr in self.callees.defined):
            self.sites.assign(given(node.attr, 0), flow)
