"""The expressions of a module, rewritten so that shared accesses go through the core's hooks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from .calls import (
    ACTS,
    ANSWERS,
    ATTRIBUTES,
    CHANGERS,
    CHECKS,
    COUNTS,
    LIBRARY,
    METHODS,
    NAMESPACES,
    PLAIN,
    PURE,
    READERS,
    TEXTS,
    resizes,
)
from .dataflow import RESULT, Flow, Site, given, returned
from .guards import last_name
from .hooking import Hooking
from .placing import begin_at_name, beginning, is_at_name, place, taken_at
from .scopes import Comprehension, Scope, ScopeKind, Sharing

CONTAINERLESS = (ast.Constant, ast.GeneratorExp, ast.JoinedStr, ast.Compare, ast.Lambda)
# What is made on the spot, which nobody else has.
FRESH = (*CONTAINERLESS, ast.Dict, ast.List, ast.ListComp, ast.Set, ast.SetComp, ast.Tuple)


class Expressions(Hooking):
    """Rewrites expressions; the statements are in `rewrite.Rewriter`."""

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

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        name = self.callees.name(node, self.scope)
        if isinstance(function, ast.Attribute):
            at_name = is_at_name(node, self.names.imported)
            call = self.method_call(node, function, name)
            if at_name and call is node:
                begin_at_name(node, function)
            return call
        if (
            self.is_builtin(function, frozenset({"len"}))
            and len(node.args) == 1
            and not node.keywords
            and not isinstance(node.args[0], (*CONTAINERLESS, ast.Starred))
        ):
            argument = self.expression(node.args[0])
            return self.hook("length", node, [argument], self.read_site(node))
        if self.is_builtin(function, frozenset({"bool"})) and len(node.args) == 1:
            node.args[0] = self.test(node.args[0])
            return node
        reads = self.is_builtin(function, READERS) and bool(node.args)
        if not self.is_builtin(function, PURE):
            function = node.func = self.base(function)
            self.sites.current.opaque = True
        if reads and not all(isinstance(a, CONTAINERLESS) for a in node.args):
            self.arguments(node)
            read = self.read_site(node, counts=last_name(function) in COUNTS)
            return self.call_hook("call_reader", node, function, read)
        if isinstance(function, ast.Name) and self.accesses(node, function):
            return self.attribute_call(node, function)
        if self.is_builtin(function, NAMESPACES):
            return self.namespace(node, function)
        if self.is_builtin(function, TEXTS):
            self.arguments(node, name)
            return self.call_hook("call_text", node, function, None)
        if isinstance(function, ast.Name):
            return self.other_call(node, name, function.id)
        self.guarded_call(node, name)
        self.arguments(node, name)
        return node

    def namespace(self, node: ast.Call, function: ast.expr) -> ast.expr:
        """A call that gives a dict of variables."""
        self.arguments(node)
        if last_name(function) == "vars":
            return self.call_hook("call_vars", node, function, None) if node.args else node
        return self.hook("of_globals", node, [node], None)

    def method_call(self, node: ast.Call, function: ast.Attribute, name: str | None) -> ast.expr:
        """`x.append(v)` goes through a hook if x may be a container; other methods are left."""
        if self.names.may_hold_data(function.attr):
            # Where its name is: the place of the call is that of the call.
            at = ast.copy_location(ast.Name(id=function.attr, ctx=ast.Load()), function)
            begin_at_name(at, function)
            node.func = self.attribute(function, at)
        else:
            function.value = self.base(function.value)
        self.sites.current.opaque = True
        if function.attr in METHODS and self.may_be_container(function.value):
            arguments = list(node.args)
            with self.sites.collecting() as flow:
                self.given(node, name)
            self.sites.current.add(flow)
            self.called(name)
            site = self.site(
                node,
                act=True,
                result=True,
                resizes=resizes(function.attr),
                answers=function.attr in ANSWERS,
                flow=flow,
                counts=function.attr in COUNTS,
            )
            if function.attr in ("pop", "remove") and len(arguments) == 1:
                self.removes(site, arguments[0])
            self.sites.current.sites.append(site)
            return self.call_hook("call_method", node, node.func, site)
        return self.other_call(node, name, function.attr)

    def accesses(self, node: ast.Call, function: ast.Name) -> bool:
        """Whether the call is `getattr(object, name)` or one like it."""
        fewest, most = ATTRIBUTES.get(function.id, (0, -1))
        starred = any(isinstance(argument, ast.Starred) for argument in node.args)
        plain = fewest <= len(node.args) <= most and not starred and not node.keywords
        return plain and self.names.is_builtin(self.scope, function.id)

    def attribute_call(self, node: ast.Call, function: ast.Name) -> ast.expr:
        with self.sites.collecting() as flow:
            self.arguments(node)
        self.sites.current.add(flow)
        if function.id in ("getattr", "hasattr"):
            site = self.read_site(node)
        else:
            site = self.site(node, flow=flow, act=True)
        return self.call_hook(f"call_{function.id}", node, function, site)

    def other_call(self, node: ast.Call, name: str | None, last: str) -> ast.expr:
        """A call that may be one of a primitive, or of a function of the standard library that is
        given a container: `last` is what it goes by."""
        library = last in LIBRARY and not all(isinstance(a, FRESH) for a in node.args)
        kept = self.callees.kept.get(last) if isinstance(node.func, ast.Name) else None
        if kept is not None:
            site: Site | None = self.kept_call(node, kept)
        else:
            site = self.library(node, last) if library else self.primitive(node, last)
        if site is None:
            self.guarded_call(node, name)
        self.arguments(node, name, site)
        if site is None or not library:
            return node
        return self.call_hook("call_library", node, node.func, site)

    def library(self, node: ast.Call, name: str) -> Site:
        changes = name in CHANGERS
        acts, counts = changes or name in ACTS, name in COUNTS
        return self.site(node, name=name, act=acts, result=changes, counts=counts)

    def kept_call(self, node: ast.Call, method: ast.Attribute) -> Site:
        """The call of a variable that keeps a method, which is recorded under the call's place.
        The second line of its text tells what it does."""
        name = method.attr
        site = self.site(node, act=True, result=True, resizes=resizes(name), counts=name in COUNTS)
        site.text += f"\n{ast.unparse(method)}({', '.join(map(ast.unparse, node.args))})"
        return site

    def primitive(self, node: ast.Call, name: str) -> Site | None:
        """A site for the call of a primitive, which records it under the call's place."""
        if name in CHECKS:
            return self.site(node)
        if name in ACTS or node in self.sites.regardless:
            return self.site(node, act=True, resizes=resizes(name), answers=name in ANSWERS)
        return None

    def guarded_call(self, node: ast.Call, name: str | None) -> None:
        """A site for a call that rests on a test, of what may have other callers, too: what is done
        in it rests on the test."""
        guarded = any(guard.only_for is None for guard in self.sites.guards)
        known = name in self.callees.defined and name not in self.callees.mentioned
        function = node.func
        plain = isinstance(function, ast.Attribute) and (
            function.attr in PLAIN or self.is_stdlib(function.value)
        )
        builtin = isinstance(function, ast.Name) and name is None
        if guarded and not (known or plain or builtin):
            self.site(node, act=True)

    def arguments(self, node: ast.Call, name: str | None = None, site: Site | None = None) -> None:
        """Visit the arguments of a call: of functions of that name, if the program may have such;
        and of a primitive, if the call has a site."""
        with self.sites.collecting() as flow:
            self.given(node, name)
        self.sites.current.add(flow)
        self.called(name)
        if site is not None:
            site.flow = flow if site.act else None
            self.sites.current.sites.append(site)

    def given(self, node: ast.Call, name: str | None) -> None:
        """Visit the arguments, which flow into the parameters."""
        for index, argument in enumerate(node.args):
            with self.sites.collecting() as flow:
                node.args[index] = self.expression(argument)
            starred = isinstance(argument, ast.Starred)
            if name == "wait_for" and not index:
                self.sites.awaited.append(flow)  # the test of a loop in another module
            self.passed(name, ["*"] if starred else [index], flow)
        for keyword in node.keywords:
            visit = self.iterated if keyword.arg is None else self.expression
            with self.sites.collecting() as flow:
                keyword.value = visit(keyword.value)
            places = ["*", "**"] if keyword.arg is None else [f"{keyword.arg}=", "**"]
            self.passed(name, places, flow)

    def passed(self, name: str | None, places: Iterable[int | str], flow: Flow) -> None:
        self.sites.current.add(flow)
        if name is not None and (flow.sites or flow.names or flow.parts):
            for at in places:
                self.sites.assign(given(name, at), flow)

    def called(self, name: str | None) -> None:
        """Functions of this name may be called here."""
        if name is not None:
            self.sites.current.names.append(returned(name))
            if self.scope.thread_scope.name != name:  # what calls itself was called before
                self.sites.called(name)

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
                node.key = self.iterated(node.key)  # `{**d for d in …}`, of 3.15
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
