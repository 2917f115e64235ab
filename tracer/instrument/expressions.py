"""The reads and tests of a module, rewritten so that shared accesses go through hooks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from .calls import METHODS, PURE
from .dataflow import RESULT, Flow, Site, returned
from .hooking import Hooking
from .placing import place
from .scopes import Sharing

CONTAINERLESS = (ast.Constant, ast.GeneratorExp, ast.JoinedStr, ast.Compare, ast.Lambda)
# What is made on the spot, which nobody else has.
FRESH = (*CONTAINERLESS, ast.Dict, ast.List, ast.ListComp, ast.Set, ast.SetComp, ast.Tuple)


class Expressions(Hooking):
    """Rewrites reads and tests; calls are in `call_expressions.Calls`."""

    # Reads

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return node
        sharing = self.sharing(node.id)
        if sharing is Sharing.PRIVATE:
            self.sites.current.names.append((self.scope.owner(node.id), node.id))
            return node
        return self.read_name(node, sharing, self.read_site(node, node.id))

    def read_name(self, node: ast.Name, sharing: Sharing, site: Site) -> ast.expr:
        """The read of a shared name, after its scheduling point if there is one."""
        kind = "global" if sharing is Sharing.GLOBAL else "cell"
        read = self.hook(f"read_{kind}", node, [node], site)
        if not self.scheduling:
            return read
        point = self.hook(f"before_read_{kind}", node, [], site)  # it gives None
        return place(ast.BoolOp(op=ast.Or(), values=[point, read]), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self.attribute(node, node) if isinstance(node.ctx, ast.Load) else node

    def attribute(self, node: ast.Attribute, at: ast.AST) -> ast.expr:
        """The read of an attribute, as the site `at`."""
        if self.is_stdlib(node.value) or (node.attr.startswith("__") and node.attr.endswith("__")):
            node.value = self.base(node.value)
            if node.attr == "__dict__" and at is node:
                return self.hook("read_dict", node, [node.value], None)
            return node
        value = self.base(node.value)
        site = self.read_site(at, node.attr)
        if node.attr in self.callees.defined or not self.names.is_stored(node.attr):
            # A property, or a method that is called later.
            self.sites.current.names.append(returned(node.attr))
        kept = at is node and node.attr in METHODS
        return self.hook("read_method" if kept else "read_attribute", node, [value], site)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return node
        value = self.base(node.value)
        with self.sites.collecting() as flow:
            key = self.expression(node.slice)
        self.sites.current.add_part(flow)
        self.sites.current.names.append(returned("__getitem__"))
        if not self.may_be_container(node.value):
            node.value, node.slice = value, key
            return node
        return self.hook("read_item", node, [value, key], self.read_site(node))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        left = self.expression(node.left)
        right = [self.expression(comparator) for comparator in node.comparators]
        membership = len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn)
        if membership and not isinstance(node.comparators[0], (*CONTAINERLESS, ast.Tuple)):
            kind = "contains" if isinstance(node.ops[0], ast.In) else "not_contains"
            return self.hook(kind, node, [left, right[0]], self.read_site(node))
        for index, container in enumerate(node.comparators):
            searched = isinstance(node.ops[index], ast.In | ast.NotIn)
            if searched and not isinstance(container, (*CONTAINERLESS, ast.Tuple)):
                site = self.read_site(container)
                right[index] = self.hook("searched", container, [right[index]], site)
        node.left, node.comparators = left, right
        return node

    def iterated(self, node: ast.expr) -> ast.expr:
        """An expression that is about to be iterated over."""
        value = self.expression(node)
        builtin = isinstance(node, ast.Call) and self.is_builtin(node.func, PURE)
        if builtin or isinstance(node, (*CONTAINERLESS, ast.Tuple, ast.List, ast.ListComp)):
            return value
        self.sites.current.names += [returned("__iter__"), returned("__next__")]
        return self.hook("iterate", node, [value], self.read_site(node))

    def visit_Starred(self, node: ast.Starred) -> ast.expr:
        if isinstance(node.ctx, ast.Load):
            node.value = self.iterated(node.value)
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.expr:
        with self.sites.collecting() as flow:
            node.value = self.iterated(node.value)
        self.gives(flow)
        self.sites.current.add(flow)
        self.sites.current.opaque = True
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        with self.sites.collecting() as flow:
            self.generic_visit(node)
        self.gives(flow)
        self.sites.current.opaque = True
        return node

    def gives(self, flow: Flow) -> None:
        """The function being visited returns or yields something with this flow."""
        self.sites.assign((self.scope.thread_scope, RESULT), flow)
        self.sites.returning[self.scope.thread_scope] = None

    def visit_Await(self, node: ast.Await) -> ast.expr:
        self.generic_visit(node)
        self.sites.current.opaque = True
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        for index, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            if key is None:
                node.values[index] = self.iterated(value)
            else:
                node.keys[index] = self.expression(key)
                node.values[index] = self.expression(value)
        return node

    # Tests

    def test(self, node: ast.expr) -> ast.expr:
        """An expression of which only the truth is used."""
        if isinstance(node, ast.BoolOp):
            return self.bool_op(node, self.test)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self.test(node.operand)
            return node
        value = self.expression(node)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not (
            isinstance(node, ast.Name) and self.names.is_builtin(self.scope, node.id)
        ):
            return self.hook("truth", node, [value], self.read_site(node))
        return value

    def bool_op(self, node: ast.BoolOp, visit: Callable[[ast.expr], ast.expr]) -> ast.expr:
        """Each operand is guarded by the ones before it."""
        guards = len(self.sites.guards)
        for index, operand in enumerate(node.values):
            with self.sites.collecting() as flow:
                node.values[index] = visit(operand)
            self.sites.current.add(flow)
            self.tested[operand] = flow
            self.sites.guards.append(flow)
        del self.sites.guards[guards:]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return self.bool_op(node, self.expression)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return self.test(node)
        node.operand = self.expression(node.operand)
        return node

    @contextmanager
    def guarded(self, flow: Flow) -> Iterator[None]:
        """Acts inside depend on the test with this flow, and on early exits inside only inside."""
        depth = len(self.sites.guards)
        self.sites.guards.append(flow)
        yield
        del self.sites.guards[depth:]

    def collected_test(self, node: ast.expr) -> tuple[ast.expr, Flow]:
        with self.sites.collecting() as flow:
            result = self.test(node)
        self.sites.current.add(flow)
        self.tested[node] = flow
        return result, flow

    def all_of(self, tests: Iterable[ast.expr]) -> Flow:
        """What several tests that have been visited are made of."""
        flow = Flow()
        for test in tests:
            flow.add(self.tested[test])
        return flow

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        node.test, flow = self.collected_test(node.test)
        with self.guarded(flow):
            node.body = self.expression(node.body)
            node.orelse = self.expression(node.orelse)
        return node

    # Calls
