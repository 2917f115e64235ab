"""Log: what a trace file has of one run, as rows and events."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from . import sources
from ._core.analysis import Names, Precedence
from ._core.trace import TraceData
from .events import (
    Event,
    Gap,
    Location,
    LocationKind,
    Object,
    Op,
    Outcome,
    Process,
    Ref,
    Site,
    Thread,
)
from .printing import name as shown
from .printing import printable, sentence
from .rows import Rows

if TYPE_CHECKING:
    from ._core.analysis import RawFinding
    from ._core.trace import _EventRow, _SiteRow

# The event flags of `ops::flag`.
_STRUCTURAL = 1
_INDEXED = 4
_T = TypeVar("_T")
_BATCH = 4096  # events that iteration asks the core for at once
_OPS = {int(op): op for op in Op}
_OUTCOMES = {int(outcome): outcome for outcome in Outcome}


class Log:
    """The events of one recorded run, and the rows that they are about. Events are read from the
    file when they are asked for.

    `path` is None for a trace that was built in memory. `header` says what was run and where:
    format, version, program, argv, python, platform, started (unix seconds), duration (ns),
    exit_status; what the recorder did not know is not in it.
    """

    def __init__(
        self, core: TraceData, header: dict[str, object] | None = None, path: Path | None = None
    ) -> None:
        self.core = core
        self.header = {} if header is None else header
        self.path = path
        self._folder = None if path is None else os.path.realpath(path.parent)
        self._files: dict[str, tuple[str, bool]] = {}

    @classmethod
    def from_rows(
        cls,
        *,
        strings: Iterable[str | bytes] = (),
        threads: Iterable[tuple[object, ...]] = (),
        objects: Iterable[tuple[object, ...]] = (),
        locations: Iterable[tuple[object, ...]] = (),
        sites: Iterable[tuple[object, ...]] = (),
        events: Iterable[tuple[object, ...]] = (),
        gaps: Iterable[tuple[str, str, int]] = (),
    ) -> Self:
        """Build one in memory; the rows are those of `TraceData.from_rows`."""
        return cls(TraceData.from_rows(strings, threads, objects, locations, sites, events, gaps))

    def __repr__(self) -> str:
        name = "in memory" if self.path is None else str(self.path)
        return f"<{type(self).__name__} {name}: {len(self.core)} events>"

    @property
    def truncated(self) -> str | None:
        """What is missing, if the file was cut off."""
        return self.core.truncated

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """The processes of the run, the first one first."""
        processes: list[Process] = []
        for i, (path, pid, status, parent, method, name) in enumerate(self.core.processes(), 1):
            maker = _row(processes, parent)
            row = Process(i, shown(path), pid, status, maker, shown(method), shown(name))
            processes.append(row)
        return tuple(processes)

    @cached_property
    def threads(self) -> tuple[Thread, ...]:
        """The threads of all processes; a thread comes after the one that started it."""
        threads: list[Thread] = []
        for i, row in enumerate(self.core.threads(), 1):
            path, name, process, parent, daemon, internal, ident, native_id = row
            owner = self.processes[process - 1]
            parent_row = _row(threads, parent)
            many = len(self.processes) > 1
            path, name = shown(path), shown(name)
            threads.append(
                Thread(i, path, name, owner, parent_row, daemon, internal, many, ident, native_id)
            )
        return tuple(threads)

    @cached_property
    def sites(self) -> Rows[Site]:
        """The places in the source that events come from; their files as `place` finds them."""
        rows = self.core.sites()
        return Rows(len(rows), lambda id: self._site(id, rows[id - 1]))

    def _site(self, id: int, row: _SiteRow) -> Site:
        file, readable = self._file(row[0])
        return Site(id, file, *row[1:5], shown(row[5]), *row[6:], readable)

    def _file(self, recorded: str) -> tuple[str, bool]:
        """Where the source file is now, and whether it may be opened."""
        if recorded not in self._files:
            file = self.place(recorded)
            made_here = self.path is None  # built in memory, by a program that is no stranger
            readable = made_here or sources.is_below(file, self._source_folders)
            self._files[recorded] = file, readable
        return self._files[recorded]

    @cached_property
    def _source_folders(self) -> tuple[str, ...]:
        return sources.folders(self._own_folders())

    def _own_folders(self) -> Iterator[str]:
        """The folders in which the program's sources may lie."""
        header = self.header
        cwd, environment = str(header.get("cwd")), header.get("environment")
        program = str(header.get("program"))
        path = str(environment.get("PYTHONPATH", "")) if isinstance(environment, dict) else ""
        rootdir = str(header.get("rootdir", cwd))
        for folder in (cwd, rootdir, os.path.join(cwd, os.path.dirname(program)), *path.split(":")):
            yield from (folder, self.place(folder))

    def place(self, path: str) -> str:
        """Where the file or folder that had this absolute path when it was recorded is now.

        A trace may be moved together with its program, as in another checkout: what then lies to
        the trace as it did is taken for the same. Else the path is still the recorded one.
        """
        folder = self.header.get("folder")
        if self._folder in (None, folder) or not isinstance(folder, str) or not os.path.isabs(path):
            return path
        moved = os.path.normpath(os.path.join(self._folder, os.path.relpath(path, folder)))
        return moved if os.path.exists(moved) else path

    @cached_property
    def stacks(self) -> tuple[tuple[Site, ...], ...]:
        """Chains of calls, of which events have one: the places, the innermost first."""
        return tuple(
            tuple(self.sites[site - 1] for site in row if site) for row in self.core.stacks()
        )

    @cached_property
    def _names(self) -> Names:
        """What the objects and the locations are called."""
        return Names(self.core, self._script)

    @cached_property
    def objects(self) -> Rows[Object]:
        """The primitives and containers."""
        return Rows(self.core.object_count(), self._object)

    def _object(self, id: int) -> Object:
        kind, label, thread, index, site = self.core.object(id)
        return Object(
            id,
            shown(kind),
            None if label is None else shown(label),
            _row(self.threads, thread),
            index,
            _row(self.sites, site),
            printable(self._names.object(id)),
        )

    @cached_property
    def locations(self) -> Rows[Location]:
        """The shared variables."""
        return Rows(self.core.location_count(), self._location)

    def _location(self, id: int) -> Location:
        code, number, module, name, key = self.core.location(id)
        kind = LocationKind(code)
        full = printable(self._names.location(id))
        own_global = kind is LocationKind.GLOBAL and self._script in (module, None)
        short = shown(name or "") if own_global else full
        item = key if kind is LocationKind.ITEM else None
        return Location(id, kind, full, short, _row(self.objects, number), item)

    @cached_property
    def _script(self) -> str | None:
        """The module name that the script's own globals have; None if it is not known."""
        program = self.header.get("program")
        if not isinstance(program, str):
            return None
        if self.header.get("mode") == "module":
            return program.rpartition(".")[2]
        if self.header.get("mode") == "pytest":
            program = program.partition("::")[0]
        return Path(program).stem

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What the recorder had to say: a file that was not rewritten, a full disk …"""
        return tuple(map(sentence, self.core.notes()))

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What of the run is not in the events: code that was not recorded …"""
        return tuple(
            Gap(kind, subject, _row(self.threads, thread))
            for kind, subject, thread in self.core.gaps()
        )

    @cached_property
    def events(self) -> Events:
        """All events in the order in which they happened."""
        return Events(self)

    @cached_property
    def precedence(self) -> Precedence:
        """What the core keeps to answer `happens_before`."""
        return Precedence(self.core)

    @cached_property
    def raw_findings(self) -> dict[object, list[RawFinding]]:
        """What the core's engines told, by how they were asked; `analysis` fills it."""
        return {}


class Events(Sequence[Event]):
    """The events of a trace, a lazy sequence in the order of their sequence numbers."""

    def __init__(self, trace: Log) -> None:
        self._trace = trace
        self._core = trace.core

    def __len__(self) -> int:
        return len(self._core)

    def __repr__(self) -> str:
        return f"<Events: {len(self)}>"

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return [self._event(row) for row in self._core.events(start, max(start, stop))]
            return [self[i] for i in range(start, stop, step)]
        if not -len(self) <= index < len(self):
            raise IndexError(f"no event {index}: there are {len(self)}")
        index %= len(self)
        return self._event(self._core.events(index, index + 1)[0])

    def __iter__(self) -> Iterator[Event]:
        for start in range(0, len(self), _BATCH):
            for row in self._core.events(start, start + _BATCH):
                yield self._event(row)

    def by_thread_and_site(self) -> Counter[tuple[int, int]]:
        """How many there are of each thread at each site (0: unknown), by their ids."""
        counts: Counter[tuple[int, int]] = Counter()
        for start in range(0, len(self), _BATCH):
            counts.update((row[2], row[5]) for row in self._core.events(start, start + _BATCH))
        return counts

    def rows(
        self,
        op: Op | Iterable[Op],
        *,
        outcome: Outcome | None = None,
        thread: int | None = None,
        seq_range: tuple[int, int] | None = None,
    ) -> Iterator[_EventRow]:
        """Those that fit, as the core has them. For what needs no more than numbers: with events
        come the sites and names of the trace, which take longest to make."""
        low, high = _bounds(seq_range)
        ops = [int(one) for one in ((op,) if isinstance(op, Op) else op)]
        index: int | None = self._core.position(low)
        while index is not None:
            rows, index = self._core.filter(index, thread=thread, ops=ops, high=high)
            yield from (row for row in rows if outcome is None or row[7] == outcome)

    def threads(self, op: Op, outcome: Outcome | None = None) -> set[int]:
        """The ids of the threads that have such events."""
        return {row[2] for row in self.rows(op, outcome=outcome)}

    def objects(self, op: Op, outcome: Outcome | None = None) -> set[int]:
        """The ids of the objects that such events, which are no accesses, are about."""
        return {row[4] for row in self.rows(op, outcome=outcome)} - {0}

    def at(self, seq: int) -> Event:
        """The event with the sequence number `seq`. Raises KeyError if there is none."""
        row = self._core.events(index := self._core.position(seq), index + 1) if seq > 0 else []
        if not row or row[0][0] != seq:
            raise KeyError(seq)
        return self._event(row[0])

    def filter(
        self,
        *,
        thread: Thread | str | int | None = None,
        object: Object | str | int | None = None,
        location: Location | str | int | None = None,
        op: Op | str | Iterable[Op | str] | None = None,
        seq_range: tuple[int, int] | range | None = None,
    ) -> Iterator[Event]:
        """The events that fit everything that is given.

        `thread`, `object` and `location` are rows, ids or names (a thread's path does, too); a
        name that several rows share stands for all of them. `op` is one op or several, by type or
        label. `seq_range` is (first, last), last included, or a range. Raises KeyError for an
        unknown name.
        """
        trace = self._trace
        low, high = _bounds(seq_range)
        threads = _ids(thread, trace.threads, "name", "path") if thread is not None else [None]
        objects = _ids(object, trace.objects, "name") if object is not None else [None]
        locations = (
            _ids(location, trace.locations, "name", "short") if location is not None else [None]
        )
        ops = None if op is None else [int(_op(one)) for one in _several(op)]
        if len(threads) == len(objects) == len(locations) == 1:
            return self._filter(threads[0], objects[0], locations[0], ops, low, high)
        # Several rows: let the core pick by op and seq, and pick among its rows here.
        among = set(threads), set(objects), set(locations)
        return (
            event
            for event in self._filter(None, None, None, ops, low, high)
            if (thread is None or event.thread.id in among[0])
            and (object is None or (event.object is not None and event.object.id in among[1]))
            and (location is None or (event.location and event.location.id in among[2]))
        )

    def _filter(
        self,
        thread: int | None,
        object: int | None,
        location: int | None,
        ops: list[int] | None,
        low: int,
        high: int | None,
    ) -> Iterator[Event]:
        index: int | None = self._core.position(max(low, 0))
        while index is not None:
            rows, index = self._core.filter(
                index, thread=thread, object=object, location=location, ops=ops, high=high
            )
            for row in rows:
                yield self._event(row)

    def _event(self, row: _EventRow) -> Event:
        seq, t, thread, code, target, site, value, outcome, flags, link, stack = row
        trace = self._trace
        access = code <= Op.ITERATE
        if isinstance(value, Ref):
            known = _row(trace.objects, value.object or 0)
            value = Ref(shown(value.type), value.object, known.name if known else "")
        return Event(
            seq,
            t,
            trace.threads[thread - 1],
            _OPS[code],
            trace.objects[target - 1] if target and not access else None,
            trace.locations[target - 1] if target and access else None,
            trace.sites[site - 1] if site else None,
            value,
            _OUTCOMES[outcome],
            link or None,
            bool(flags & _STRUCTURAL),
            bool(flags & _INDEXED),
            trace.stacks[stack - 1] if stack else (),
        )


def _row(rows: Sequence[_T], id: int) -> _T | None:
    return rows[id - 1] if id else None


def _op(op: Op | str) -> Op:
    return op if isinstance(op, Op) else Op[op.upper()]


def _several(op: Op | str | Iterable[Op | str]) -> Iterable[Op | str]:
    return (op,) if isinstance(op, (Op, str)) else op


def _bounds(seq_range: tuple[int, int] | range | None) -> tuple[int, int | None]:
    if seq_range is None:
        return 0, None
    if isinstance(seq_range, range):
        return seq_range.start, max(seq_range.stop, 0)
    first, last = seq_range
    return first, max(last + 1, 0)


def _ids(wanted: Any, rows: Sequence[Any], *names: str) -> list[int | None]:
    """The ids of the rows that a row, an id or a name stands for."""
    if isinstance(wanted, int):
        return [wanted]
    if not isinstance(wanted, str):
        return [wanted.id]
    found: list[int | None] = [
        row.id for row in rows if any(getattr(row, name) == wanted for name in names)
    ]
    if not found:
        raise KeyError(wanted)
    return found
