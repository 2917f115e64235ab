"""Which events a graph shows: those of the findings and what orders them, or those asked for.

What is not kept of a lane becomes runs: "… 1,204 events".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..events import Event, Finding, Kind, Location, LocationKind, Object, Op, Thread
from ..trace import Trace
from .folding import Lanes, fold, in_processes
from .internals import internal_events, own_threads
from .phrases import thread_of
from .window import Window, select

Edge = tuple[int, int, str]
"""A synchronization edge: from one sequence number to a later one, and its kind."""

MOST_LANES = 7
MOST_ROWS = 48
"""Events that are drawn one by one, beside which there may be as many runs."""
_MOST_CLEAN = 26  # rows of a picture without findings
MOST_FULL = 1500
MOST_CONSIDERED = 100_000
"""Events of which those that are drawn are chosen."""
_FINDINGS_DRAWN = 3
_MOST_EDGES = 12  # besides start and join, around findings
_ALIKE = 2  # events of one thread that do the same at the same site, before they are a run
_LIFE = frozenset({Op.BEGIN, Op.END})
_LIVES = frozenset({"start", "join", "observe"})
_ABOUT_THREADS = frozenset({Op.START, Op.JOIN})


@dataclass(frozen=True, slots=True)
class Run:
    """Events of one thread, one after the other, that are shown only as a count."""

    thread: Thread
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Slice:
    """What to draw. `items` are events and runs in the order of their sequence numbers."""

    lanes: Lanes
    items: tuple[Event | Run, ...]
    findings: tuple[Finding, ...]
    marked: frozenset[int]  # the sequence numbers of the events to highlight
    left_out: int
    windowed: bool = False  # a window was asked for, so the lanes may end early


def cut(trace: Trace, findings: Sequence[Finding], edges: Sequence[Edge], window: Window) -> Slice:
    """The part of `trace` that a picture of it shows. Raises UsageError as `window.select`."""
    if not window.everything and window != Window():
        return _windowed(trace, findings, window)
    drawn = tuple(findings[:_FINDINGS_DRAWN])
    hides = window.hides(trace)
    limit = max(len(trace.threads), 1) if window.everything else MOST_LANES
    marked = _marked(trace, drawn)
    found = {trace.events.at(seq).thread.id for seq in sorted(marked)}
    wanted = [t for t in trace.threads if t.id in found]
    among = own_threads(trace) if hides else trace.threads
    if not findings:
        wanted += _partners(trace, edges, among)
    lanes = fold(trace, among, trace.threads if window.everything else wanted, limit)
    lane_ids = {thread.id for thread in lanes.threads}
    events = []
    left_out = 0
    is_internal = internal_events(trace)
    for event in _considered(trace, marked):
        if hides and event.seq not in marked and is_internal(event):
            continue
        if event.thread.id in lane_ids:
            events.append(event)
        else:
            left_out += 1
    left_out = len(trace.events) - len(events) if len(trace.events) > MOST_CONSIDERED else left_out
    large = bool(findings) or len(trace.processes) > 1
    budget = MOST_FULL if window.everything else MOST_ROWS if large else _MOST_CLEAN
    kept = _kept(events, edges, marked, lane_ids, budget)
    return Slice(lanes, _collapsed(events, kept), drawn, frozenset(marked), left_out)


def _marked(trace: Trace, drawn: Sequence[Finding]) -> set[int]:
    """The events of the findings that are drawn, and the reads that their writes rest on."""
    marked = {seq for one in drawn for seq in one.events}
    return marked | {
        seq for one in drawn if one.kind is Kind.LOST_UPDATE for seq in _reads(trace, one)
    }


def ranges(trace: Trace, marked: Collection[int]) -> list[tuple[int, int]]:
    """The first and last sequence numbers of what is looked at: of a long trace what lies around
    the marked events, or its beginning, for no more than some dozens are drawn."""
    if not len(trace.events):
        return []
    first, last = trace.events[0].seq, trace.events[-1].seq
    if len(trace.events) <= MOST_CONSIDERED:
        return [(first, last)]
    around = sorted(marked) or [first]
    reach = MOST_CONSIDERED // (2 * len(around))
    found: list[tuple[int, int]] = []
    for seq in around:
        low, high = max(first, seq - reach), min(last, seq + reach)
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return found


def edges_of(trace: Trace, findings: Sequence[Finding]) -> list[Edge]:
    """The synchronization edges that end in what is looked at."""
    from .. import analysis

    marked = _marked(trace, findings[:_FINDINGS_DRAWN])
    return [
        edge
        for low, high in ranges(trace, marked)
        for edge in analysis.sync_edges(trace, low, high)
    ]


def _considered(trace: Trace, marked: Collection[int]) -> Iterator[Event]:
    return (
        event
        for low, high in ranges(trace, marked)
        for event in trace.events.filter(seq_range=(low, high))
    )


def _windowed(trace: Trace, findings: Sequence[Finding], window: Window) -> Slice:
    shown = select(trace, window)
    events = shown.events[:MOST_FULL]
    threads = {e.thread.id: e.thread for e in events}
    lanes = Lanes(in_processes(threads.values()), {}, 0)
    drawn = {e.seq for e in events}
    inside = tuple(one for one in findings if drawn.intersection(one.events))
    inside = inside[:_FINDINGS_DRAWN]
    marked = frozenset(seq for one in inside for seq in one.events)
    return Slice(lanes, tuple(events), inside, marked, shown.matching - len(events), True)


def _reads(trace: Trace, finding: Finding) -> list[int]:
    """What each write of a lost update was computed from: its thread's last read before it."""
    reads: list[int] = []
    for seq in finding.events:
        event = trace.events.at(seq)
        if event.op is not Op.WRITE or event.location is None:
            continue
        nearby = trace.events.filter(
            thread=event.thread, location=event.location, op=Op.READ, seq_range=(1, seq)
        )
        reads += [read.seq for read in nearby][-1:]
    return reads


def _partners(trace: Trace, edges: Sequence[Edge], among: Sequence[Thread]) -> list[Thread]:
    """The two threads of the first edge between threads other than by start and join, so that a
    picture of a program without findings shows who let whom go on."""
    ids = {thread.id for thread in among if thread.parent is not None}
    for first, second, kind in edges:
        if kind in _LIVES:
            continue
        pair = trace.events.at(first).thread, trace.events.at(second).thread
        if all(thread.id in ids for thread in pair):
            return list(pair)
    return []


def _kept(
    events: Sequence[Event], edges: Sequence[Edge], marked: set[int], lanes: set[int], budget: int
) -> set[int]:
    """The sequence numbers of the events to draw one by one, the most telling first."""
    kept = set(marked)
    places = {e.location.id for e in events if e.seq in marked and e.location is not None}
    lane_of = {event.seq: event.thread.id for event in events}
    first, last = (min(marked), max(marked)) if marked else (0, 0)

    asking = _asking(events)

    def life(event: Event) -> bool:
        if event.seq in asking or event.op in _LIFE:
            return True
        return event.op in _ABOUT_THREADS and not _of_others(event, lanes)

    def add(candidates: Sequence[int]) -> None:
        kept.update(candidates[: max(0, budget - len(kept))])

    crossing = [
        (a, b) for a, b, _ in edges if a in lane_of and b in lane_of and lane_of[a] != lane_of[b]
    ]
    if not marked and len({e.thread.process.id for e in events}) > 1:
        add(_messages(events, edges)[: budget // 2])
    add([event.seq for event in events if life(event)])
    if marked:
        near = _near(events, marked)
        add([e.seq for e in events if e.seq in near and e.op not in (Op.OUTPUT,)])
        same_place = [e for e in events if e.location is not None and e.location.id in places]
        same_place.sort(key=lambda e: max(first - e.seq, e.seq - last, 0))
        add([e.seq for e in _unlike(same_place)][:20])
        # What orders the finding's own events first, then a few that lie near.
        crossing.sort(key=lambda edge: max(first - edge[0], edge[1] - last, 0))
        if budget < MOST_FULL:
            crossing = _unlike_edges(crossing, events)[:_MOST_EDGES]
    elif budget < MOST_FULL:
        crossing = _unlike_edges(crossing, events)
    for a, b in crossing:
        if len(kept | {a, b}) <= budget:
            kept |= {a, b}
    if not marked:
        add([e.seq for e in _unlike(events) if not _of_others(e, lanes)])
    return kept


def _messages(events: Sequence[Event], edges: Sequence[Edge]) -> list[int]:
    """The events that processes let each other go on with, object by object, so that a task is
    drawn from its submission to its callback."""
    event = {e.seq: e for e in events}
    of_object: dict[int, set[int]] = {}
    for a, b, kind in edges:
        if kind in _LIVES or a not in event or b not in event:
            continue
        if event[a].thread.id != event[b].thread.id and (about := event[a].object) is not None:
            of_object.setdefault(about.id, set()).update((a, b))
    return [seq for found in of_object.values() for seq in sorted(found)]


def _asking(events: Sequence[Event]) -> set[int]:
    """The requests that were never granted nor given up: what threads waited for at the end."""
    last = {event.thread.id: event for event in events}
    return {event.seq for event in last.values() if event.op is Op.REQUEST}


def _unlike(events: Sequence[Event]) -> list[Event]:
    """The events without those that repeat what their thread did a few times before: polling."""
    seen: Counter[tuple[object, ...]] = Counter()
    first: list[Event] = []
    for event in events:
        key = (event.thread.id, event.op, event.object, _whole(event), event.site)
        seen[key] += 1
        if seen[key] <= _ALIKE:
            first.append(event)
    return first


def _whole(event: Event) -> Location | Object | None:
    """The location of an access; of one to an item, the container."""
    location = event.location
    if location is not None and location.kind is LocationKind.ITEM:
        return location.object
    return location


def _unlike_edges(
    edges: Sequence[tuple[int, int]], events: Sequence[Event]
) -> list[tuple[int, int]]:
    """The edges without those that repeat what the same threads did a few times before."""
    event = {e.seq: e for e in events}
    seen: Counter[tuple[object, ...]] = Counter()
    first: list[tuple[int, int]] = []
    for a, b in edges:
        key = tuple((e.thread.id, e.op, e.object, e.location, e.site) for e in (event[a], event[b]))
        seen[key] += 1
        if seen[key] <= _ALIKE:
            first.append((a, b))
    return first


def _of_others(event: Event, lanes: set[int]) -> bool:
    """Whether the event starts, joins or looks at a thread that has no lane."""
    thread = thread_of(event)
    return thread is not None and thread.id not in lanes


def _near(events: Sequence[Event], marked: set[int]) -> set[int]:
    """The marked events and the ones directly before and after each in its own thread."""
    near: set[int] = set()
    before: dict[int, int] = {}
    for event in events:
        previous = before.get(event.thread.id)
        if previous is not None and (event.seq in marked or previous in marked):
            near |= {previous, event.seq}
        before[event.thread.id] = event.seq
    return near


def _collapsed(events: Sequence[Event], kept: set[int]) -> tuple[Event | Run, ...]:
    items: list[Event | Run] = []
    hidden: dict[int, list[Event]] = {}

    def close(thread: int) -> None:
        run = hidden.pop(thread, [])
        if len(run) > 1:
            items.append(Run(run[0].thread, run[0].seq, len(run)))
        else:  # an event takes no more room than the count that would stand for it
            items.extend(run)

    for event in events:
        number = event.thread.id
        if event.seq in kept:
            close(number)
            items.append(event)
            continue
        hidden.setdefault(number, []).append(event)
    for number in sorted(hidden):
        close(number)
    return tuple(sorted(items, key=lambda item: _seq(item)))


def _seq(item: Event | Run) -> int:
    return item.first if isinstance(item, Run) else item.seq
