"""What rewriting a module finds out about it, as plain data, and how it is made known to the core.

The sites and nodes of a module have numbers of its own, from 1; those of the process come when it
is entered. So a description can be kept with the module's code (`bytecode`).
"""

from __future__ import annotations

import marshal
from enum import IntEnum
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

    def packed(self) -> bytes:
        """As it is kept, and entered."""
        return marshal.dumps(tuple(self))


def enter(packed: bytes, filename: str, module: str) -> list[object]:
    """Make the sites known to the core, of the file and of the module that the trace calls so.
    Returns the hooks."""
    return _core.hooks.enter(packed, filename, module, _by_name)


# The numbers of the nodes that all modules of the process share.
_by_name: dict[str, int] = {}
