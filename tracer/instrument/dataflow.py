"""What flows into a site: the reads whose values it uses, and the tests that it depends on.

Per module and insensitive to the order of statements: a local name stands for everything that is
ever assigned to it. A call of a known function has what the function returns. What a parameter is
made of, and which tests a function's acts depend on, is what all its calls have in common.

Reads are registered before acts, acts that give a value (`d.pop()`) before those that do not, and
an act names only sites registered before it, so the numbers are known when they are needed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tracer import _core

from .callees import Callee
from .constants import stand_in
from .scopes import Scope

TEXT_LIMIT = 200

Variable = tuple[Scope, str]

# The name of the variable that stands for what a function returns.
RETURNED = "return"


class Flow:
    """What an expression's value is made of.

    `for_taking`: as a guard, of acts only that take out what they count on.
    """

    def __init__(
        self,
        sites: Iterable[Site] = (),
        names: Iterable[Variable] = (),
        opaque: bool = False,
        *,
        for_taking: bool = False,
    ) -> None:
        self.sites = list(sites)
        self.names = list(names)
        self.opaque = opaque
        self.for_taking = for_taking

    def add(self, other: Flow) -> None:
        self.sites += other.sites
        self.names += other.names
        self.opaque |= other.opaque


class Site:
    """A site while its module is being rewritten.

    `scope` is that of the function whose code it is in, `name` that of the global, cell or
    attribute; `operator` that of an augmented assignment ("+="), and `partner` the write that
    belongs to its read. `result`: whether an act has a value, that flows on; `takes`: whether it
    takes out what it counts on. `key` is what the key of an item is made of.
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
        takes: bool = False,
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
        self.takes = takes
        self.flow = flow
        self.key = key
        self.counts = (
            counts  # it gives a number or a place that rests on all that is in a container
        )
        self.guards: tuple[Flow, ...] = ()
        self.hooked = False  # else a place that only names a primitive's call
        self.number = 0  # its id, once it is registered


class Call(NamedTuple):
    """A call of a function of the module: what flows into its parameters, and its guards."""

    arguments: dict[str | None, Flow]
    guards: tuple[Flow, ...]


class Sites:
    """The sites of one module, and the flows between them."""

    def __init__(self, filename: str, source: str) -> None:
        self.filename = filename
        self._lines = source.encode().splitlines(keepends=True)
        self._sites: list[Site] = []
        # Kind, site (or None) and name of every hook that the code uses.
        self._hooks: list[tuple[str, Site | None, str | None]] = []
        self._variables: dict[Variable, Flow] = {}
        self._closures: dict[Variable, Flow] = {}
        # Of functions whose every call is known.
        self._calls: dict[Scope, list[Call]] = {}
        # What loops wait for: nothing goes past such a test before it has come out so.
        self.awaited: list[Flow] = []
        self.awaiting: set[Scope] = set()
        self.guards: list[Flow] = []
        self.current = Flow()

    @contextmanager
    def collecting(self) -> Iterator[Flow]:
        """What is visited inside is collected in a flow of its own."""
        outer, self.current = self.current, Flow()
        try:
            yield self.current
        finally:
            self.current = outer

    def assign(self, variable: Variable, flow: Flow) -> None:
        """Something with this flow is assigned to an unshared name."""
        self._variables.setdefault(variable, Flow()).add(flow)

    def called(self, callee: Callee, arguments: dict[str | None, Flow]) -> None:
        """A function is called here: what it returns flows into what is being visited."""
        self.current.names.append((callee.scope, RETURNED))
        if callee.closed:
            guards = tuple(guard for guard in self.guards if not guard.for_taking)
            self._calls.setdefault(callee.scope, []).append(Call(arguments, guards))

    def add(self, site: Site) -> Site:
        if site.act:
            site.guards = tuple(g for g in self.guards if site.takes or not g.for_taking)
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

    def register(self, module: str) -> list[object]:
        """Make the sites known to the core; returns the hooks that the tree has stand-ins for."""
        awaited = {site for flow in self.awaited for site in self._closure(flow).sites}
        for site in sorted(self._sites, key=lambda site: (site.act, not site.result)):
            sources = self._closure(site.flow) if site.flow is not None else Flow()
            guards = Flow()
            for guard in site.guards:
                guards.add(self._closure(guard))
            if site.act:
                # A number made of a length counts on it.
                made_of = [sources.sites, self._closure(site.key).sites if site.key else []]
                guards.sites += [one for sites in made_of for one in sites if one.counts]
                calls = self._calls.get(site.scope, [])
                guards.sites += self._common([call.guards for call in calls])
            waits = not site.act and (site in awaited or site.scope in self.awaiting)
            node = site.node
            site.number = _core.add_site(
                self.filename,
                getattr(node, "lineno", 0),
                getattr(node, "col_offset", 0) + 1,
                getattr(node, "end_lineno", 0),
                getattr(node, "end_col_offset", 0) + 1,
                site.scope.qualname,
                site.text,
                sources.opaque,
                _numbers(sources.sites),
                _numbers(guards.sites),
                waits,
            )
        return [_made(kind, site, name, module) for kind, site, name in self._hooks]

    def _closure(self, flow: Flow) -> Flow:
        result = Flow(flow.sites, opaque=flow.opaque)
        for variable in flow.names:
            result.add(self._reach(variable))
        return result

    def _reach(self, variable: Variable) -> Flow:
        known = self._closures.get(variable)
        if known is not None:
            return known
        result = Flow()
        self._closures[variable] = Flow()  # for what calls itself
        seen = {variable}
        waiting = [variable]
        while waiting:
            scope, name = one = waiting.pop()
            calls = self._calls.get(scope, [])
            result.sites += self._common([(call.arguments.get(name, Flow()),) for call in calls])
            flow = self._variables.get(one)
            if flow is None:
                continue
            result.add(Flow(flow.sites, opaque=flow.opaque))
            fresh = set(flow.names) - seen
            seen |= fresh
            waiting += fresh
        self._closures[variable] = result
        return result

    def _common(self, flows: list[tuple[Flow, ...]]) -> list[Site]:
        """The reads that are in the flows of every call."""
        calls = [[site for flow in call for site in self._closure(flow).sites] for call in flows]
        if not calls:
            return []
        return [site for site in calls[0] if all(site in sites for sites in calls[1:])]


def _made(kind: str, site: Site | None, name: str | None, module: str) -> object:
    if site is None:
        return _core.make_hook(kind, 0, name, module, "", None)
    partner = None
    if site.partner is not None:
        partner = _made(f"write_{kind.partition('_')[2]}", site.partner, None, module)
    return _core.make_hook(kind, site.number, site.name, module, site.operator, partner)


def _numbers(sites: Iterable[Site]) -> list[int]:
    return sorted({site.number for site in sites if site.number})
