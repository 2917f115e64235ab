"""What the rewriter's parts have in common: sites, and the hooks that take the place of accesses.

A hook is a native object among the constants of the code, reached as `hook[operands]`: a call
would let the interpreter switch threads where the source has none. Every new node has the place of
the node that it replaces, so that tracebacks stay those of the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TypeVar

from .callees import Callees
from .calls import Resizes
from .dataflow import Flow, Site, Sites
from .placing import begin_at_name, place
from .scopes import Names, Scope, Sharing

Expression = TypeVar("Expression", bound=ast.expr)


class Hooking(ast.NodeTransformer):
    """Makes sites and hooks for the module that is being rewritten."""

    def __init__(self, names: Names, callees: Callees, sites: Sites, scheduling: bool) -> None:
        self.names = names
        self.callees = callees
        self.sites = sites
        self.scheduling = scheduling
        self.scope = names.module
        # What the tests that have been visited are made of.
        self.tested: dict[ast.expr, Flow] = {}
        # The loops around over copies of containers: the scope, the names of the parts, what the
        # copy is made of, and how many guards there were.
        self.copied: list[tuple[Scope, frozenset[str], Flow, int]] = []

    # Sites and hooks

    def site(
        self,
        node: ast.AST,
        *,
        name: str | None = None,
        flow: Flow | None = None,
        key: Flow | None = None,
        counts: bool = False,
        act: bool = False,
        result: bool = False,
        resizes: Resizes | None = None,
        answers: bool = False,
        text: ast.AST | None = None,
        operator: str = "",
        partner: Site | None = None,
    ) -> Site:
        """A new site at `node`. A read's value flows into what is being visited."""
        site = Site(
            node,
            self.scope.thread_scope,
            self.sites.text(text or node),
            name=None if name is None else self.scope.mangle(name),
            operator=operator,
            partner=partner,
            act=act,
            result=result,
            resizes=resizes,
            answers=answers,
            flow=flow,
            key=key,
            counts=counts,
        )
        return self.sites.add(site)

    def removes(self, site: Site, part: ast.expr) -> None:
        """The act removes a part of a container, which must be there. If it comes from a copy, the
        copy is a check of it, unless a test in the loop chooses which parts are removed."""
        for scope, names, flow, guards in self.copied:
            chosen = guards != len(self.sites.guards)
            if scope is self.scope and not chosen and getattr(part, "id", None) in names:
                site.guards = (*site.guards, flow)
                self.sites.each.append(site)

    def read_site(self, node: ast.AST, name: str | None = None, *, counts: bool = False) -> Site:
        site = self.site(node, name=name, counts=counts)
        self.sites.current.sites.append(site)
        return site

    def hook(
        self,
        kind: str,
        at: ast.AST,
        operands: Sequence[ast.expr],
        site: Site | None,
        *,
        name: str | None = None,
        context: ast.expr_context | None = None,
    ) -> ast.Subscript:
        """`hook[operands]`, for a hook of this kind for a site or a name."""
        index: ast.expr = ast.Constant(value=None)
        if len(operands) == 1:
            index = operands[0]
        elif operands:
            index = ast.Tuple(elts=list(operands), ctx=ast.Load())
        hook = self.sites.hook(kind, site, name)
        new = place(ast.Subscript(value=hook, slice=index, ctx=context or ast.Load()), at)
        if isinstance(at, ast.Attribute) and at.end_lineno and at.end_lineno != at.lineno:
            begin_at_name(new, at)  # as the compiler does
        return new

    def expression(self, node: Expression) -> ast.expr:
        result: ast.expr = self.visit(node)
        return result

    def base(self, node: ast.expr) -> ast.expr:
        """Visit an object whose part is accessed: its reads count, what else it is does not."""
        with self.sites.collecting() as flow:
            result = self.expression(node)
        self.sites.current.add_part(flow)
        return result

    def sharing(self, name: str) -> Sharing:
        return self.names.sharing(self.scope, name)

    def is_plain(self, node: ast.expr) -> bool:
        """Whether evaluating the node has no effect and is no shared access."""
        if isinstance(node, ast.Constant):
            return True
        return isinstance(node, ast.Name) and self.sharing(node.id) is Sharing.PRIVATE

    def is_stdlib(self, node: ast.expr) -> bool:
        """Whether the node names a standard library module (or a module in one)."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and self.names.is_stdlib(self.scope, node.id)

    def may_be_container(self, node: ast.expr) -> bool:
        """Whether the node may be a container or a wrapper of one: of what is the standard
        library's `os.environ` only."""
        if isinstance(node, ast.Attribute) and node.attr == "environ":
            return True
        return not self.is_stdlib(node)

    def is_builtin(self, node: ast.expr, among: frozenset[str]) -> bool:
        return (
            isinstance(node, ast.Name)
            and node.id in among
            and self.names.is_builtin(self.scope, node.id)
        )

    def call_hook(
        self, kind: str, node: ast.Call, function: ast.expr, site: Site | None
    ) -> ast.Call:
        """The call as `hook(function, *arguments)`."""
        node.args = [function, *node.args]
        node.func = self.sites.hook(kind, site)
        return place(node, node)

    # Bindings

    def binding(self, node: ast.expr, name: str, flow: Flow, text: ast.AST) -> Site | None:
        """The site of a binding of `name` at `node`; None if the name is not shared."""
        if self.sharing(name) is Sharing.PRIVATE:
            self.sites.assign((self.scope.owner(name), name), flow)
            return None
        return self.site(node, name=name, flow=flow, act=True, text=text)

    def wrote(self, value: ast.expr, name: str, site: Site, hook: str = "write") -> ast.expr:
        """The record of the binding just made at `site`."""
        kind = "global" if self.sharing(name) is Sharing.GLOBAL else "cell"
        return self.hook(f"{hook}_{kind}", value, [value], site)

    def bindings(
        self, names: Iterable[ast.Name], flow: Flow, text: ast.AST | None = None
    ) -> list[tuple[ast.Name, Site]]:
        """Those of the names, all being bound to something with this flow, that are shared."""
        sites = [(name, self.binding(name, name.id, flow, text or name)) for name in names]
        return [(name, site) for name, site in sites if site is not None]

    def before_write(self, value: ast.expr, name: str, site: Site) -> ast.expr:
        """The value that is about to be bound to a shared name, after its scheduling point."""
        if not self.scheduling:
            return value
        kind = "global" if self.sharing(name) is Sharing.GLOBAL else "cell"
        return self.hook(f"before_write_{kind}", value, [value], site)
