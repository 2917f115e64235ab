"""Where the interleavings of two traces diverge.

The rows of two traces have numbers of their own, so events are compared by what the numbers stand
for: a thread by its logical path, an object or location by its name, a site by file and line.
Times, columns and process ids are not compared. The script itself is the same file in both traces
whatever it is called, and files beside it are named from its folder, others from the working
directory, so that a run can be compared with one of an edited copy, or in another checkout.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from .. import _core
from ..events import NO_VALUE, Event, Finding, Op, Ref, Site
from ..log import Log
from .findings import find

if TYPE_CHECKING:
    from .._core.trace import Comparison, _EventRow

_CONTEXT = 5
_FIELDS = ("thread", "op", "target", "site", "value", "outcome", "flags", "link")

Signature: TypeAlias = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first event at which two traces are not the same.

    `first` and `second` are what each trace has there, None where it has ended; `fields` names
    what is different about them (thread, op, target, site, value, outcome, flags, link).
    `first_later` is the event of the second trace in which the thread of `first` does the same
    later (only the order is another then), `second_later` the same the other way round.
    `before` are the last events that both share, as the first trace has them; `first_next` and
    `second_next` what each goes on with. Where one trace has ended, `last` is the last event there
    of the thread with which the other goes on.
    """

    first: Event | None
    second: Event | None
    fields: tuple[str, ...]
    first_later: Event | None
    second_later: Event | None
    before: tuple[Event, ...]
    first_next: tuple[Event, ...]
    second_next: tuple[Event, ...]
    last: Event | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What two traces have in common and what not.

    `common` counts the events that are the same from the start on. `gone` are findings of the
    first trace only, `appeared` of the second only, `changed` pairs that have another status.
    `exits` are the processes whose exit status is another: path, then the two.
    """

    common: int
    divergence: Divergence | None
    gone: tuple[Finding, ...] = ()
    appeared: tuple[Finding, ...] = ()
    changed: tuple[tuple[Finding, Finding], ...] = ()
    exits: tuple[tuple[str, int | None, int | None], ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing but times tells the two runs apart."""
        return self.divergence is None and not self.exits


def difference(first: Log, second: Log) -> Difference:
    """Compare two traces, event by event, up to where they diverge."""
    one, two, core = _compared(first, second)
    common = core.common()
    exits = _exits(first, second)
    if common == len(first.events) == len(second.events):
        return Difference(common, None, exits=exits)
    gone, appeared, changed = _findings(one, two)
    return Difference(common, _divergence(one, two, common), gone, appeared, changed, exits)


class _Names:
    """What the numbers of one trace stand for, in words that hold in every trace."""

    def __init__(self, trace: Log) -> None:
        self.trace = trace
        cwd = str(trace.header.get("cwd") or "")
        program = str(trace.header.get("program") or "")
        is_script = trace.header.get("mode", "script") in ("script", "record") and program
        self.script = os.path.normpath(os.path.join(cwd, program)) if is_script else ""
        self.cwd = cwd
        self.stem = Path(self.script).stem
        self.threads = [thread.path for thread in trace.threads]
        # By the recorded paths, to which the recorded working directory goes.
        self.files = [self._file(row[0]) for row in trace.core.sites()]
        self.sites = [(self.file(site), site.line) for site in trace.sites]

    def file(self, site: Site) -> str:
        return self.files[site.id - 1]

    def _file(self, path: str) -> str:
        file = os.path.normpath(path)
        if file == self.script:
            return "<script>"
        for folder in (os.path.dirname(self.script), self.cwd):
            if folder and file.startswith(folder + os.sep):
                return file[len(folder) + 1 :]
        return file


class _Side:
    """One of two traces that are compared."""

    def __init__(self, names: _Names, core: Comparison, number: int) -> None:
        self.trace = names.trace
        self.names = names
        self._core = core
        self._number = number

    def of_object(self, id: int) -> int:
        """The same number in both for objects that are the same."""
        return self._core.object(self._number, id)

    def of_location(self, id: int) -> int:
        return self._core.location(self._number, id)

    def value(self, value: object) -> Hashable:
        if value is NO_VALUE:
            return None
        if isinstance(value, Ref):
            return value.type, self.of_object(value.object or 0)
        return type(value), repr(value) if isinstance(value, float) else value

    def signature(self, event: Event) -> Signature:
        """What the event is: two that have equal ones are the same event."""
        index = self.trace.core.position(event.seq)
        return self._signature(self.trace.core.events(index, index + 1)[0])

    def _signature(self, row: _EventRow) -> Signature:
        _, _, thread, op, target, site, value, outcome, flags, link, _ = row
        return (
            self.names.threads[thread - 1],
            op,
            (self.of_location if op <= Op.ITERATE else self.of_object)(target),
            site and self.names.sites[site - 1],
            self.value(value),
            outcome,
            flags,
            link and self.trace.core.position(link),
        )


def _compared(first: Log, second: Log) -> tuple[_Side, _Side, Comparison]:
    names = _Names(first), _Names(second)
    numbers: dict[Hashable, int] = {}

    def numbered(table: Sequence[Hashable]) -> list[int]:
        return [numbers.setdefault(name, len(numbers) + 1) for name in table]

    one, two = names
    core = _core.trace.Comparison(
        first.core,
        second.core,
        (numbered(one.threads), numbered(two.threads)),
        (numbered(one.sites), numbered(two.sites)),
        (one.stem, two.stem),
    )
    return _Side(one, core, 0), _Side(two, core, 1), core


def _divergence(one: _Side, two: _Side, common: int) -> Divergence:
    here, there = one.trace.events, two.trace.events
    first = here[common] if common < len(here) else None
    second = there[common] if common < len(there) else None
    fields: tuple[str, ...] = ()
    if first and second:
        pairs = zip(_FIELDS, one.signature(first), two.signature(second), strict=True)
        fields = tuple(name for name, a, b in pairs if a != b)
    return Divergence(
        first,
        second,
        fields,
        first_later=_later(one, first, two, common),
        second_later=_later(two, second, one, common),
        before=tuple(here[max(0, common - _CONTEXT) : common]),
        first_next=tuple(here[common + 1 : common + 1 + _CONTEXT]),
        second_next=tuple(there[common + 1 : common + 1 + _CONTEXT]),
        last=_last(one, second) if first is None else _last(two, first) if second is None else None,
    )


def _last(side: _Side, event: Event | None) -> Event | None:
    """The last event in this trace of the thread that makes the event in the other."""
    threads = side.names.threads
    if event is None or event.thread.path not in threads:
        return None
    thread = side.trace.threads[threads.index(event.thread.path)]
    last = deque(side.trace.events.filter(thread=thread), maxlen=1)
    return last[0] if last else None


def _later(one: _Side, event: Event | None, two: _Side, common: int) -> Event | None:
    """The next event of that thread in the other trace, if it is the same but for its link."""
    if event is None or event.thread.path not in two.names.threads:
        return None
    thread = two.trace.threads[two.names.threads.index(event.thread.path)]
    rest = two.trace.events[common : common + 1]
    if not rest:
        return None
    last = len(two.trace.events) and two.trace.events[-1].seq
    following = two.trace.events.filter(thread=thread, seq_range=(rest[0].seq, last))
    found = next(following, None)
    if found is None or one.signature(event)[:-1] != two.signature(found)[:-1]:
        return None
    return found


def _exits(first: Log, second: Log) -> tuple[tuple[str, int | None, int | None], ...]:
    """The processes that both traces have and whose end was not the same."""
    there = {process.path: process.exit_status for process in second.processes}
    return tuple(
        (process.path, process.exit_status, there[process.path])
        for process in first.processes
        if process.path in there and process.exit_status != there[process.path]
    )


def _findings(
    one: _Side, two: _Side
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[tuple[Finding, Finding], ...]]:
    """The findings that go, those that appear, and those whose status is another.

    A site is known by its text and function here: lines move when a program is edited.
    """
    here, there = ({_finding(side, f): f for f in find(side.trace)} for side in (one, two))
    return (
        tuple(finding for key, finding in here.items() if key not in there),
        tuple(finding for key, finding in there.items() if key not in here),
        tuple(
            (finding, there[key])
            for key, finding in here.items()
            if key in there and finding.status != there[key].status
        ),
    )


def _finding(side: _Side, finding: Finding) -> Hashable:
    return (
        finding.kind,
        finding.location and side.of_location(finding.location.id),
        finding.object and side.of_object(finding.object.id),
        frozenset((side.names.file(s), s.function, s.text or s.line) for s in finding.sites),
    )
