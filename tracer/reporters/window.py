"""Which events of a long trace a reporter shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ..errors import UsageError
from ..events import Event
from ..trace import Trace
from .internals import internal_events
from .phrases import thread_of

AROUND = 20
"""Events before and after the one of `--around`."""
HEAD, TAIL = 140, 60
"""What is shown of a trace that is longer than both, when nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Window:
    """A choice of events. All that is given must hold; `head` and `tail` then cut the rest.

    `thread` is a name or a path, `object` the name of an object or of a location, `around` a
    sequence number. With `everything`, nothing is cut. Threads that the standard library made for
    itself are left out unless `internal`, `everything` or the thread is given.
    """

    around: int | None = None
    thread: str | None = None
    object: str | None = None
    head: int | None = None
    tail: int | None = None
    everything: bool = False
    internal: bool = False

    def hides(self, trace: Trace) -> bool:
        """Whether events of `trace` are left out for being the standard library's own."""
        if self.internal or self.everything or self.thread is not None:
            return False
        return any(thread.internal for thread in trace.threads)


@dataclass(slots=True)
class Shown:
    """What a window shows: the events, and after which of them how many were left out."""

    events: Sequence[Event] = field(default_factory=list)
    gaps: dict[int, int] = field(default_factory=dict)  # index in `events` → left out before it
    matching: int = 0


def select(trace: Trace, window: Window) -> Shown:
    """The events that `window` asks for. Raises UsageError for what is not in the trace."""
    if window.around is not None:
        return _around(trace, window, window.around)
    if window.thread is None and window.object is None and not window.hides(trace):
        total = len(trace.events)
        head, tail = _cut(window, total)
        if head == total:
            return Shown(trace.events, {}, total)
        events = trace.events[:head] + trace.events[total - tail :]
        return Shown(events, _gap(head, total - head - tail), total)
    if window.head is not None and window.tail is None:
        events = list(islice(matching(trace, window), window.head + 1))
        more = len(events) > window.head
        return Shown(events[: window.head], {window.head: -1} if more else {}, len(events))
    # Only the two ends are kept, for there may be millions between them.
    limits = (HEAD + TAIL, TAIL) if window.head is None and window.tail is None else (0, 0)
    first = max(window.head or 0, limits[0])
    found = matching(trace, window)
    beginning = list(found) if window.everything else list(islice(found, first))
    end: deque[Event] = deque(maxlen=max(window.tail or 0, limits[1]))
    total = len(beginning)
    for event in found:
        end.append(event)
        total += 1
    head, tail = _cut(window, total)
    rest = [*beginning, *end]
    return Shown(rest[:head] + rest[len(rest) - tail :], _gap(head, total - head - tail), total)


def matching(trace: Trace, window: Window) -> Iterator[Event]:
    """The events of the window's thread and object, or all. Raises UsageError as `select` does."""
    events = _named(trace, window)
    if not window.hides(trace):
        return events
    is_internal = internal_events(trace)
    return (e for e in events if not is_internal(e))


def _named(trace: Trace, window: Window) -> Iterator[Event]:
    thread, name = window.thread, window.object
    if thread is None and name is None:
        return iter(trace.events)
    if thread is not None and not any(thread in (t.name, t.path) for t in trace.threads):
        known = ", ".join(t.name for t in trace.threads[:8])
        raise UsageError(f"no thread {thread!r} in this trace; there are {known}")
    if name is None:
        return trace.events.filter(thread=thread)
    objects = {o.id for o in trace.objects if name in (o.name, o.label)}
    places = {
        x.id
        for x in trace.locations
        if name in (x.name, x.short, x.name.rpartition(".")[2])
        or (x.object is not None and x.object.id in objects)
    }
    threads = {t.id for t in trace.threads if name in (t.name, t.path)}
    if not (objects or places or threads):
        names = [x.name for x in trace.locations] + [o.name for o in trace.objects]
        known = ", ".join(list(dict.fromkeys(names))[:8]) or "none"
        raise UsageError(f"no object or location {name!r} in this trace; there are {known}")
    return (
        event
        for event in trace.events.filter(thread=thread)
        if (event.location is not None and event.location.id in places)
        or (event.object is not None and event.object.id in objects)
        or ((about := thread_of(event)) is not None and about.id in threads)
    )


def _around(trace: Trace, window: Window, seq: int) -> Shown:
    total = len(trace.events)
    if not total or not trace.events[0].seq <= seq <= trace.events[-1].seq:
        last = trace.events[-1].seq if total else 0
        raise UsageError(f"no event {seq} in this trace; the last is {last}")
    before = window.head if window.head is not None else AROUND
    after = window.tail if window.tail is not None else AROUND
    if window.thread is None and window.object is None and not window.hides(trace):
        index = trace.core.position(seq)
        low, high = max(0, index - before), min(total, index + after + 1)
        found = trace.events[low:high]
        left, right = low, total - high
    else:
        every = list(matching(trace, window))
        index = next((i for i, event in enumerate(every) if event.seq >= seq), len(every))
        low, high = max(0, index - before), min(len(every), index + after + 1)
        found, left, right = every[low:high], low, len(every) - high
        total = len(every)
    gaps = {position: n for position, n in ((0, left), (len(found), right)) if n}
    return Shown(found, gaps, total)


def _cut(window: Window, total: int) -> tuple[int, int]:
    """How many of `total` events to show from the start and from the end."""
    if window.everything:
        return total, 0
    if window.head is None and window.tail is None:
        return (total, 0) if total <= HEAD + TAIL else (HEAD, TAIL)
    head = min(window.head or 0, total)
    return head, min(window.tail or 0, total - head)


def _gap(position: int, count: int) -> dict[int, int]:
    return {position: count} if count > 0 else {}
