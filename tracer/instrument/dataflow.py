"""What flows into a site: the reads whose values it uses, and the tests that it depends on.

Insensitive to the order of statements: a local name stands for everything that is ever assigned to
it. Here is said what each thing is made of, of sites and of *nodes*: a variable, a parameter, what
functions return. The core follows it when the trace is made (`core/src/convert/flows.rs`), when all
modules are known. Functions go by their names alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .calls import Resizes
from .constants import stand_in
from .description import (
    Description,
    FlowRow,
    HookRow,
    Role,
    SiteRow,
)
from .scopes import Scope

TEXT_LIMIT = 200

# A variable of a module, or, by its name, what is in the whole program.
Node = tuple[Scope, str] | str

# The name of the variable that stands for what a function returns.
RESULT = "return"


def returned(name: str) -> str:
    """The node of what functions of this name return."""
    return f"{name}()"


def given(name: str, parameter: int | str) -> str:
    """The node of what is given to functions of this name, at a place or by a keyword."""
    return f"{name}({parameter})"


class Flow:
    """What an expression's value is made of.

    `parts` are nodes of which the reads count, but not what else they are made of. `only_for`: as a
    guard, of acts only that do one of these. `asks`: it is the test of a loop that asks a
    primitive, which does not guard what changes the answer, to end the loop.
    """

    __slots__ = ("asks", "names", "only_for", "opaque", "parts", "sites")

    def __init__(
        self,
        sites: Iterable[Site] = (),
        names: Iterable[Node] = (),
        opaque: bool = False,
        *,
        parts: Iterable[Node] = (),
        only_for: frozenset[Resizes] | None = None,
    ) -> None:
        self.sites = list(sites)
        self.names = list(names)
        self.parts = list(parts)
        self.opaque = opaque
        self.only_for = only_for
        self.asks = False

    def __bool__(self) -> bool:
        return bool(self.sites or self.names or self.parts or self.opaque)

    def for_acts_that(self, *resize: Resizes) -> Flow:
        only_for = frozenset(resize)
        return Flow(self.sites, self.names, self.opaque, parts=self.parts, only_for=only_for)

    def guards(self, act: Site) -> bool:
        if self.asks and act.answers:
            return False
        return self.only_for is None or act.resizes in self.only_for

    def add(self, other: Flow) -> None:
        self.sites += other.sites
        self.names += other.names
        self.parts += other.parts
        self.opaque |= other.opaque

    def add_part(self, other: Flow) -> None:
        """Something of what has the other flow goes in: what it is made of besides reads does not
        count."""
        self.sites += other.sites
        self.parts += other.names
        self.parts += other.parts


class Site:
    """A site while its module is being rewritten.

    `scope` is that of the function whose code it is in, `name` that of the global, cell or
    attribute; `operator` that of an augmented assignment ("+="), and `partner` the write that
    belongs to its read. `result`: whether an act has a value, that flows on; `resizes`: whether it
    takes out what it counts on, or puts something in. `key` is what the key of an item is made of.
    """

    def __init__(
        self,
        node: ast.AST,
        scope: Scope,
        text: str,
        *,
        name: str | None = None,
        operator: str = "",
        partner: Site | None = None,
        act: bool = False,
        result: bool = False,
        resizes: Resizes | None = None,
        answers: bool = False,
        flow: Flow | None = None,
        key: Flow | None = None,
        counts: bool = False,
    ) -> None:
        self.node = node
        self.scope = scope
        self.text = text
        self.name = name
        self.operator = operator
        self.partner = partner
        self.act = act
        self.result = result
        self.resizes = resizes
        self.answers = answers  # it changes what a primitive says
        self.flow = flow
        self.key = key
        # Whether it gives a number or a place that rests on all that is in a container.
        self.counts = counts
        self.guards: tuple[Flow, ...] = ()
        self.hooked = False  # else a place that only names a primitive's call
        # From where on its function goes on whether or not the call got what it was for.
        self.goes_on: tuple[int, int] | None = None
        self.number = 0  # in the description of the module, once it is in it


class Sites:
    """The sites of one module, and the flows between them."""

    def __init__(self, source: str) -> None:
        self._lines = source.encode().splitlines(keepends=True)
        self._sites: list[Site] = []
        # Kind, site (or None) and name of every hook that the code uses.
        self._hooks: list[tuple[str, Site | None, str | None]] = []
        self._flows: list[tuple[Role, Node, Flow]] = []
        self._nodes: dict[tuple[Scope, str], int] = {}
        # Functions that may be called otherwise than where the program has a guarded call of them.
        self._mentioned: set[str] = set()
        # By scope: the function's name, if its calls have that name.
        self._functions: dict[Scope, str] = {}
        # What loops wait for: nothing goes past such a test before it has come out so.
        self.awaited: list[Flow] = []
        self.guards: list[Flow] = []
        # Acts that are done to each part of a copy of what they change.
        self.each: list[Site] = []
        # The functions that return or yield something, in the order of their code.
        self.returning: dict[Scope, None] = {}
        # Calls that may end in vain, and from where on code goes on regardless.
        self.regardless: dict[ast.Call, tuple[int, int]] = {}
        self.current = Flow()

    @contextmanager
    def collecting(self) -> Iterator[Flow]:
        """What is visited inside is collected in a flow of its own."""
        outer, self.current = self.current, Flow()
        try:
            yield self.current
        finally:
            self.current = outer

    def assign(self, node: Node, flow: Flow) -> None:
        """Something with this flow is assigned to an unshared name, or given away otherwise."""
        if flow:
            self._flows.append((Role.NODE, node, flow))

    def function(self, scope: Scope, name: str) -> None:
        """The acts in this scope are guarded by what guards all calls of functions of this name."""
        self._functions[scope] = name

    def mention(self, names: Iterable[str]) -> None:
        """Functions of these names may be called from anywhere."""
        self._mentioned.update(names)

    def called(self, name: str) -> None:
        """A function of this name is called here."""
        guards = Flow()
        for guard in self.guards:
            if guard.only_for is None:
                guards.add(guard)
        if guards:
            self._flows.append((Role.CALL, name, guards))
        else:
            self._mentioned.add(name)

    def add(self, site: Site) -> Site:
        site.guards = tuple(guard for guard in self.guards if guard.guards(site))
        if isinstance(site.node, ast.Call):
            site.goes_on = self.regardless.get(site.node)
        self._sites.append(site)
        return site

    def count(self) -> int:
        """How many sites there are so far."""
        return len(self._sites)

    def acts(self, first: int) -> bool:
        """Whether there is an access after the first so many that may change something."""
        return any(site.act and site.hooked for site in self._sites[first:])

    def values(self, first: int, scope: Scope) -> list[Site]:
        """The sites after the first so many that have a value, in the code of `scope`."""
        return [
            site
            for site in self._sites[first:]
            if site.scope is scope and (site.result or not site.act)
        ]

    def hook(self, kind: str, site: Site | None, name: str | None = None) -> ast.Constant:
        """What stands in the tree for a hook of this kind, for a site or for a name."""
        if site is not None:
            site.hooked = True
            site.counts |= kind == "length"
        self._hooks.append((kind, site, name))
        return stand_in(len(self._hooks) - 1)

    def text(self, node: ast.AST) -> str:
        """The source of the node, on one line and cut at `TEXT_LIMIT`."""
        first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        if not first or last > len(self._lines):
            return ""
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
        if first == last:
            raw = self._lines[first - 1][start:end]
        else:
            middle = b"".join(self._lines[first : last - 1])
            raw = self._lines[first - 1][start:] + middle + self._lines[last - 1][:end]
        text = " ".join(raw.decode(errors="replace").split())
        return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"

    def described(self) -> Description:
        """The sites and flows, and the hooks that the tree has stand-ins for."""
        sites: list[SiteRow] = []
        rows: list[FlowRow] = []
        for site in sorted(self._sites, key=lambda site: (site.act, not site.result)):
            sources = site.flow or Flow()
            guards = Flow()
            for guard in site.guards:
                guards.add(guard)
            sites.append(
                (
                    _place(site.node),
                    site.scope.qualname,
                    site.text,
                    sources.opaque,
                    _numbers(sources.sites),
                    _numbers(guards.sites),
                )
            )
            site.number = len(sites)
            made = ((Role.VALUE, sources), (Role.KEY, site.key or Flow()), (Role.GUARDS, guards))
            for role, flow in made:
                if flow.names or flow.parts or (role is Role.KEY and flow.sites):
                    rows.append(self._row(role, site.number, flow))
        rows += [self._row(role, self._node(node), flow) for role, node, flow in self._flows]
        rows += [self._row(Role.AWAITED, 0, flow) for flow in self.awaited]
        if self.each:
            rows.append(self._row(Role.EACH, 0, Flow(self.each)))
        results = [(scope, RESULT) for scope in self.returning]
        rows += [self._row(Role.RETURNED, 0, Flow(names=[result])) for result in results]
        for site in self._sites:
            if site.goes_on is not None:
                rows.append(self._row(Role.REGARDLESS, site.number, Flow(self._later(site))))
        return Description(
            sites,
            rows,
            sorted(self._mentioned),
            [site.number for site in self._sites if site.counts],
            [(site.number, self._functions.get(site.scope)) for site in self._sites if site.act],
            [_hook(kind, site, name) for kind, site, name in self._hooks],
        )

    def _later(self, call: Site) -> list[Site]:
        """The sites in the function of a call that are reached whatever came of it."""
        return [
            site
            for site in self._sites
            if site.scope is call.scope and call.goes_on and _place(site.node)[:2] > call.goes_on
        ]

    def _row(self, role: Role, target: int | str, flow: Flow) -> FlowRow:
        nodes, parts = (
            [self._node(n) for n in dict.fromkeys(ns)] for ns in (flow.names, flow.parts)
        )
        return int(role), target, flow.opaque, _numbers(flow.sites), nodes, parts

    def _node(self, node: Node) -> int | str:
        """A node of the program by its name, one of the module by a number in it."""
        if isinstance(node, str):
            return node
        return self._nodes.setdefault(node, len(self._nodes) + 1)


def _hook(kind: str, site: Site | None, name: str | None) -> HookRow:
    if site is None:
        return kind, 0, name, "", None
    partner = None
    if site.partner is not None:
        partner = _hook(f"write_{kind.partition('_')[2]}", site.partner, None)
    return kind, site.number, site.name, site.operator, partner


def _place(node: ast.AST) -> tuple[int, int, int, int]:
    return (
        getattr(node, "lineno", 0),
        getattr(node, "col_offset", 0) + 1,
        getattr(node, "end_lineno", 0),
        getattr(node, "end_col_offset", 0) + 1,
    )


def _numbers(sites: Iterable[Site]) -> list[int]:
    return sorted({site.number for site in sites if site.number})
