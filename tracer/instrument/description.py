"""What rewriting a module finds out about it, as plain data, and how it is made known to the core.

The sites and nodes of a module have numbers of its own, from 1; those of the process come when it
is entered. So a description can be kept with the module's code (`bytecode`).
"""

from __future__ import annotations

from enum import IntEnum
from itertools import count
from typing import NamedTuple, TypeAlias

from .. import _core


class Role(IntEnum):
    """What a flow makes. The codes are those of the core (`_core.spool.FLOW_ROLES`)."""

    NODE = 0  # a variable, or what functions of a name return or are given
    VALUE = 1  # the value that a site writes
    KEY = 2  # its key
    GUARDS = 3  # those of a site
    CALL = 4  # the guards of a call of a function
    AWAITED = 5  # what a loop waits for
    REGARDLESS = 6  # the sites that are reached whatever came of a call
    RETURNED = 7  # what functions return
    EACH = 8  # acts that are done to each part of a copy


_OF_NODES = (Role.NODE, Role.CALL)

SiteRow: TypeAlias = tuple[tuple[int, int, int, int], str, str, bool, list[int], list[int]]
"""Its line, column, end line and end column; function; text; whether its value is made of more than
the sites; the sites, added before it, of which its value is made, and of which its guards are."""

FlowRow: TypeAlias = tuple[int, int | str, bool, list[int], list[int | str], list[int | str]]
"""What it makes; of which site or node; whether of more than these; sites, nodes and parts. A node
is a number in the module, or a name in the program."""

HookRow: TypeAlias = tuple[str, int, str | None, str, "HookRow | None"]
"""Kind; site, or 0; name; operator; the hook that belongs to it."""


class Description(NamedTuple):
    """The sites, flows and hooks of a module.

    `mentioned` are functions that may be called from anywhere; `counting` the sites that rest on
    all that is in a container; `bodies` the acts, each with the function whose calls guard it.
    """

    sites: list[SiteRow]
    flows: list[FlowRow]
    mentioned: list[str]
    counting: list[int]
    bodies: list[tuple[int, str | None]]
    hooks: list[HookRow]

    def enter(self, filename: str, module: str) -> list[object]:
        """Make the sites known to the core, of the file and of the module that the trace calls so.
        Returns the hooks."""
        numbers = [0]  # in the process, by those in the module
        for place, function, text, opaque, *others in self.sites:
            sources, guards = ([numbers[n] for n in sites] for sites in others)
            number = _core.hooks.add_site(filename, *place, function, text, opaque, sources, guards)
            numbers.append(number)
        nodes: dict[int, int] = {}

        def node(one: int | str) -> int:
            if isinstance(one, str):
                return _by_name.get(one) or _by_name.setdefault(one, next(_next_node))
            return nodes.get(one) or nodes.setdefault(one, next(_next_node))

        def made(row: HookRow) -> object:
            kind, site, name, operator, partner = row
            other = None if partner is None else made(partner)
            return _core.hooks.make_hook(kind, numbers[site], name, module, operator, other)

        _core.hooks.add_flows(
            [
                (
                    role,
                    node(target) if role in _OF_NODES else numbers[int(target)],
                    opaque,
                    [numbers[n] for n in sites],
                    [node(n) for n in names],
                    [node(n) for n in parts],
                )
                for role, target, opaque, sites, names, parts in self.flows
            ],
            sorted(node(name) for name in self.mentioned),
            [numbers[n] for n in self.counting],
            [(numbers[n], 0 if name is None else node(name)) for n, name in self.bodies],
        )
        return [made(row) for row in self.hooks]


# The numbers of nodes are the same in all modules of the process.
_next_node = count(1)
_by_name: dict[str, int] = {}
