"""The vocabulary of a trace as types: ops, outcomes, and the rows of a trace's tables.

Everything here is a plain value. A row refers to rows of other tables by object, so a reporter
can write `event.site.line` without a look-up.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import cache
from typing import TypeAlias

from . import printing
from .folders import working_directory
from .kinds import Kind as Kind
from .kinds import Rule as Rule
from .kinds import Status as Status
from .ops import GapKind as GapKind
from .ops import Op as Op
from .ops import Outcome as Outcome

Anything: TypeAlias = object  # in a class with a field `object`, that name means the field


class LocationKind(IntEnum):
    """What sort of variable a location is."""

    GLOBAL = 1
    ATTRIBUTE = 2
    ITEM = 3
    CONTENTS = 4  # a container as a whole: its length and its set of keys
    CELL = 5


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the run. `exit_status` is negative for a signal, None if unknown.

    `path` is its logical name: that of the thread that made it, and as which (`main.2/p1`); `name`
    is what the program calls it. `start_method` is fork, spawn, forkserver, subprocess or exec, and
    empty for the run's first process, which has no parent.
    """

    id: int
    path: str
    pid: int
    exit_status: int | None = None
    parent: Process | None = None
    start_method: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread. `path` is its logical name (`main`, `main.2`), the same in every run with the
    same schedule; `name` is what the program calls it."""

    id: int
    path: str
    name: str
    process: Process
    parent: Thread | None = None
    daemon: bool = False
    internal: bool = False  # made by the standard library for itself: a queue's feeder …
    in_many: bool = False  # whether the run has more than one process
    ident: int = 0  # what the program knew it by, and what the kernel did; 0: not known
    native_id: int = 0

    @property
    def label(self) -> str:
        """The name, after that of the process where there is more than one: `Process-1/worker`."""
        name = self.name or self.path
        return f"{self.process.name or self.process.path}/{name}" if self.in_many else name


@cache
def _shown(file: str, folder: str) -> str:
    inside = folder and file.startswith(folder.rstrip(os.sep) + os.sep)
    return os.path.relpath(file, folder) if inside else file


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the source. Columns count from 1; `text` is the source of the expression."""

    id: int
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    function: str
    text: str
    # The read sites whose values flow into what is written here, and whether something unknown
    # (a parameter, the result of a call) does; the read sites in the tests that guard this site.
    sources: tuple[int, ...] = ()
    opaque: bool = False
    guards: tuple[int, ...] = ()
    # Whether the file lies where sources do: no other that a trace names is read.
    readable: bool = field(default=True, compare=False)

    def __str__(self) -> str:
        return f"{printing.name(self.file)}:{self.line}"

    @property
    def place(self) -> str:
        """`shop/stock.py:8`: the path from the working directory, where the file is under it."""
        return f"{printing.name(_shown(self.file, working_directory()))}:{self.line}"


@dataclass(frozen=True, slots=True)
class Object:
    """A primitive, a container or an instance.

    `name` is the shortest way on which the program comes to it (`account.lock`, `tables['a']`); no
    two objects of a trace have the same. `label` is what the recorder knew: the variable it was
    first assigned to.
    """

    id: int
    kind: str
    label: str | None
    thread: Thread | None
    index: int
    site: Site | None
    name: str


@dataclass(frozen=True, slots=True)
class Location:
    """A shared variable: `shop.num`, `counter.value`, `d['k']`.

    `short` is what a person calls it: the script's own globals without their module, `num`.
    """

    id: int
    kind: LocationKind
    name: str
    short: str
    object: Object | None = None
    key: Anything = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A value that was not kept: only its type's name and, where known, its object number, and
    what that object is called."""

    type: str
    object: int | None = None
    name: str = field(default="", compare=False)

    def __repr__(self) -> str:
        return f"<{self.type} {self.name}>" if self.name else f"<{self.type}>"


class NoValue(Enum):
    """The value of an event that has none (None is a value)."""

    NO_VALUE = 0

    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE = NoValue.NO_VALUE


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded operation. `t` counts ns from the start of the run; `link` is the sequence
    number of the event that let this one happen (a get's put, a wait's set), if known."""

    seq: int
    t: int
    thread: Thread
    op: Op
    object: Object | None
    location: Location | None
    site: Site | None
    value: Anything = NO_VALUE
    outcome: Outcome = Outcome.OK
    link: int | None = None
    structural: bool = False  # an item write that changed the container's set of keys
    indexed: bool = False  # an item of a sequence: which one it is depends on those before it
    # Where the program's functions were called that lead to `site`, the innermost first; empty if
    # that is not known, or nothing of the program called the code of `site`.
    stack: tuple[Site, ...] = ()

    @property
    def target(self) -> str:
        """The name of the event's location or object; empty if it has neither."""
        if self.location is not None:
            return self.location.name
        return self.object.name if self.object is not None else ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an analysis reports. See docs/reading-a-report.md for the words.

    `events` are sequence numbers, the witness's own order for an observed finding. `count` is how
    many times the pattern was seen and `total` of how many tries (99 of 100 updates lost). `also`
    is what else goes wrong with the same variable; `sites`, `threads` and `advice` are those of all
    of it.
    """

    kind: Kind
    status: Status
    explanation: str
    rule: Rule | None = None
    location: Location | None = None
    object: Object | None = None
    threads: tuple[Thread, ...] = ()
    sites: tuple[Site, ...] = ()
    events: tuple[int, ...] = ()
    locks: tuple[tuple[Object, ...], ...] = ()  # the locks held at each of `events`
    stacks: tuple[tuple[Site, ...], ...] = ()  # the `stack` of each of `events`
    count: int = 1
    total: int | None = None
    advice: str = ""
    witness: tuple[int, ...] | None = None
    details: dict[str, Anything] = field(default_factory=dict)
    also: tuple[Finding, ...] = ()

    @property
    def patterns(self) -> tuple[Finding, ...]:
        """All that goes wrong with the variable: this finding and its `also`."""
        return (self, *self.also)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something of the run that is not in its events: `kind`, a GapKind, says what, `subject` names
    it, and the thread did it (None: no certain one)."""

    kind: str
    subject: str
    thread: Thread | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run without findings is not clean, or what the findings do not speak of.

    `kind` is a short word with hyphens (no-memory, timeout); `text` and `advice`, what to do about
    it, are a line each.
    """

    kind: str
    text: str
    advice: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing that is no finding and leaves the verdict as it is. `kind` and `text`
    are as those of a Reason; `advice` may be empty."""

    kind: str
    text: str
    advice: str = ""
