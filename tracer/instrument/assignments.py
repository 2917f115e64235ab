"""Assignments and deletions, rewritten.

A binding of a shared name is followed directly by its record, an attribute or item is stored by
the hook that records it: the interpreter cannot switch threads between the two.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .binding import Binding
from .dataflow import Flow, Site, returned
from .guards import makes
from .placing import place
from .scopes import ScopeKind, Sharing

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+=",
    ast.Sub: "-=",
    ast.Mult: "*=",
    ast.MatMult: "@=",
    ast.Div: "/=",
    ast.FloorDiv: "//=",
    ast.Mod: "%=",
    ast.Pow: "**=",
    ast.LShift: "<<=",
    ast.RShift: ">>=",
    ast.BitAnd: "&=",
    ast.BitOr: "|=",
    ast.BitXor: "^=",
}
DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
# What a container, if anything, is changed by in `l += e`.
CONTAINERS = (*DISPLAYS, ast.Tuple, ast.GeneratorExp)


def interrupted(*targets: ast.expr) -> bool:
    """Whether something can run, or fail, after one of several stores to the targets."""
    parts = [e for t in targets for e in (t.elts if isinstance(t, ast.Tuple | ast.List) else [t])]
    parts = [part.value if isinstance(part, ast.Starred) else part for part in parts]
    return len(parts) > 1 and not all(isinstance(part, ast.Name) for part in parts)


def _constructs(node: ast.AST) -> bool:
    """Whether the node looks like the call of a class."""
    if not isinstance(node, ast.Call):
        return False
    name = str(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))
    return name[:1].isupper()


class Assignments(Binding):
    """Rewrites what stores and deletes; all other statements are in `rewrite.Rewriter`."""

    def records(self, bound: Iterable[tuple[ast.Name, Site]]) -> list[ast.stmt]:
        """The statements that record the bindings just made at these sites."""
        return [
            place(ast.Expr(value=self.wrote(name, name.id, site)), name) for name, site in bound
        ]

    def bound(self, node: ast.AST, *names: str | None) -> list[tuple[ast.Name, Site]]:
        """The bindings of names that a statement binds without a target of its own."""
        loads = [place(ast.Name(id=n, ctx=ast.Load()), node) for n in names if n is not None]
        return self.bindings(loads, Flow(), node)

    # Assignments

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        named = self.named(node.targets[0], node.value, node)
        tests = makes(node.targets, node.value)
        unpacks = any(isinstance(target, ast.Tuple | ast.List) for target in node.targets)
        contents = self.contents(node.value)
        with self.sites.collecting() as flow:
            if unpacks and isinstance(node.value, ast.Name | ast.Attribute | ast.Subscript):
                node.value = self.iterated(node.value)
            else:
                node.value = self.expression(node.value)
        if contents:
            flow.names.append(contents)
        bound: list[ast.Name] = []
        stored = interrupted(*node.targets)
        with self.guarded(self.all_of(tests)):
            for index, target in enumerate(node.targets):
                bound += self.target(target, flow, stored=stored)
                text = node if len(node.targets) == 1 else None
                node.targets[index] = self.replaced(target, flow, text, stored=stored)
            shared = self.bindings(bound, flow, node)
        if shared:
            name, site = shared[0]
            node.value = self.before_write(node.value, name.id, site)
        return [node, *self.records(shared), *named]

    def named(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        """What names an object after the variable that it is assigned to, where one is made.

        In a function only what looks like a constructor is worth the time.
        """
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = zip(target.elts, value.elts, strict=False)
            return [label for left, right in pairs for label in self.named(left, right, node)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Call):  # a, b = Pipe()
            return [label for name in target.elts for label in self.named(name, value, node)]
        if not isinstance(target, ast.Name) or self.scope.kind is ScopeKind.CLASS:
            return []  # those of a class are named when it is made
        if self.scope.kind is ScopeKind.MODULE:
            kind = "label_global" if isinstance(value, (ast.Call, ast.Tuple, *DISPLAYS)) else ""
        elif isinstance(value, (ast.Call, *DISPLAYS)) and self.names.is_captured(
            self.scope, target.id
        ):
            kind = "label_shared"
        elif isinstance(value, ast.Call):
            kind = "label" if _constructs(value) else ""
        else:
            makes = isinstance(value, DISPLAYS) and any(map(_constructs, ast.walk(value)))
            kind = "label_shared" if makes else ""
        if not kind:
            return []
        load = ast.Name(id=target.id, ctx=ast.Load())
        label = self.hook(kind, node, [load], None, name=target.id)
        return [place(ast.Expr(value=label), node)]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        named = self.named(node.target, node.value, node)
        tests = makes([node.target], node.value)
        with self.sites.collecting() as flow:
            node.value = self.expression(node.value)
        with self.guarded(self.all_of(tests)):
            if isinstance(node.target, ast.Name):
                shared = self.bindings(self.target(node.target, flow), flow, node)
                for name, site in shared:
                    node.value = self.before_write(node.value, name.id, site)
                return [node, *self.records(shared), *named]
            target = self.replaced(node.target, flow, text=node)
        assert isinstance(target, ast.Subscript)
        node.target = target
        return [node]

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        with self.sites.collecting() as flow:
            # Over several lines it is to be seen which of its parts fails.
            plain = self.is_plain(node.value) and node.end_lineno == node.lineno
            changes_container = isinstance(node.value, CONTAINERS)
            value = self.expression(node.value)
        target = node.target
        if isinstance(target, ast.Name):
            sharing = self.sharing(target.id)
            if sharing is Sharing.PRIVATE:
                variable = (self.scope.owner(target.id), target.id)
                self.sites.assign(variable, flow)
                if changes_container:
                    return [self.changed_container(node, target, value)]
                node.value = value
                return [node]
            if sharing is not Sharing.GLOBAL or not plain or self.scheduling:
                return self.augmented_name(node, target, sharing, value, flow)
            kind, at, name = "global", [], target.id
        elif isinstance(target, ast.Attribute):
            kind, at, name = "attribute", [self.base(target.value)], target.attr
            changed = Flow(flow.sites, [*flow.names, returned(target.attr)], parts=flow.parts)
            self.set_attribute(target, changed)
        else:
            kind, name = "item", None
            at = [self.base(target.value), self.expression(target.slice)]
            if plain:
                at = [ast.Tuple(elts=at, ctx=ast.Load())]
        operator = OPERATORS[type(node.op)]
        read = self.site(target, name=name, operator=operator, text=node)
        flow.sites.append(read)
        write = self.site(node, name=name, flow=flow, act=True, operator=operator)
        read.partner = write
        if plain and at and isinstance(node.value, ast.Constant):
            stored = self.hook(f"augment_{kind}", target, at, read, context=ast.Store())
            return [place(ast.Assign(targets=[stored], value=value), node)]
        if plain:
            # What fails is the operation, or for what has parts more likely the access.
            failing = target if at else node
            done = self.hook(f"augment_{kind}", failing, [*at, value], read)
        else:  # Python reads the target before it evaluates the value
            begun = self.hook(f"begin_{kind}", target, at, read)
            done = self.hook(f"finish_{kind}", node, [begun, value], write)
        return [place(ast.Expr(value=done), node)]

    def changed_container(self, node: ast.AugAssign, target: ast.Name, value: ast.expr) -> ast.stmt:
        """`l += e` of a private name as `l = in_place(l, e)`."""
        old = ast.copy_location(ast.Name(id=target.id, ctx=ast.Load()), target)
        operator = OPERATORS[type(node.op)]
        site = self.site(node, name=target.id, act=True, operator=operator)
        new = self.hook("in_place", node, [old, value], site)
        return place(ast.Assign(targets=[target], value=new), node)

    def augmented_name(
        self,
        node: ast.AugAssign,
        target: ast.Name,
        sharing: Sharing,
        value: ast.expr,
        flow: Flow,
    ) -> list[ast.stmt]:
        """`n += e` as `n = in_place(read(n), e)` and the record of the write."""
        kind = "global" if sharing is Sharing.GLOBAL else "cell"
        operator = OPERATORS[type(node.op)]
        load = ast.copy_location(ast.Name(id=target.id, ctx=ast.Load()), target)
        again = ast.copy_location(ast.Name(id=target.id, ctx=ast.Load()), target)
        read = self.site(target, name=target.id, text=node)
        flow.sites.append(read)
        write = self.site(node, name=target.id, flow=flow, act=True, operator=operator)
        old = self.read_name(load, sharing, read)
        new = self.hook("in_place", node, [old, value], write)
        record = self.hook(f"write_{kind}", node, [again], write)
        new_value = self.before_write(new, target.id, write)
        store = place(ast.Assign(targets=[target], value=new_value), node)
        return [store, place(ast.Expr(value=record), node)]

    def visit_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for target in node.targets:
            result += self.deleted(target, node)
        return result

    def deleted(self, target: ast.expr, node: ast.Delete) -> list[ast.stmt]:
        if isinstance(target, ast.Tuple | ast.List):
            return [s for element in target.elts for s in self.deleted(element, node)]
        if isinstance(target, ast.Attribute):
            operands = [self.base(target.value)]
            site = self.site(target, name=target.attr, act=True, text=node)
            gone = self.hook("delete_attribute", target, operands, site, context=ast.Del())
            return [place(ast.Delete(targets=[gone]), node)]
        if isinstance(target, ast.Subscript):
            part = target.slice
            with self.sites.collecting() as key:
                operands = [self.base(target.value), self.expression(part)]
            site = self.site(target, act=True, resizes="takes", key=key, text=node)
            self.removes(site, part)
            gone = self.hook("delete_item", target, operands, site, context=ast.Del())
            return [place(ast.Delete(targets=[gone]), node)]
        statement = place(ast.Delete(targets=[target]), node)
        sharing = self.sharing(target.id) if isinstance(target, ast.Name) else Sharing.PRIVATE
        if sharing is Sharing.PRIVATE or not isinstance(target, ast.Name):
            return [statement]
        kind = "global" if sharing is Sharing.GLOBAL else "cell"
        site = self.site(target, name=target.id, act=True, text=node)
        record = self.hook(f"delete_{kind}", target, [], site)
        result: list[ast.stmt] = [statement, place(ast.Expr(value=record), node)]
        if self.scheduling:
            point = self.hook(f"before_delete_{kind}", target, [], site)
            result.insert(0, place(ast.Expr(value=point), node))
        return result
