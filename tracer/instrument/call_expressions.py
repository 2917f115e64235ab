"""The calls of a module, rewritten: what goes into them, comes out of them, and is done by them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

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
from .dataflow import Flow, Site, given, returned
from .expressions import CONTAINERLESS, FRESH, Expressions
from .guards import last_name
from .placing import begin_at_name, is_at_name


class Calls(Expressions):
    """Rewrites calls; what binds names is in `binding.Binding`."""

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
