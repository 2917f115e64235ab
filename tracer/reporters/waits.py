"""How long threads waited, and which never came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.events import Event, Op, Thread
from tracer.reporters.phrases import duration, plural, target_name, thread_name
from tracer.trace import Trace

_BLOCKING = (Op.REQUEST, Op.SLEEP)
_ENDS_A_WAIT = frozenset({Op.ACQUIRE, Op.WAIT, Op.JOIN, Op.GET, Op.PUT, Op.WAKE})


class WaitClock:
    """Tells how long each event's thread had been blocked before it, from a pass in order.

    A blocked thread does nothing else, so a wait is an event that ends one, directly after the
    thread's request.
    """

    def __init__(self) -> None:
        self._blocked: dict[int, Event] = {}

    def waited(self, event: Event) -> int | None:
        """The wait that `event` ends, in ns; None if it ends none."""
        began = self._blocked.pop(event.thread.id, None)
        if event.op in _BLOCKING:
            self._blocked[event.thread.id] = event
            return None
        if began is None or event.op not in _ENDS_A_WAIT:
            return None
        return max(0, event.t - began.t)

    def forget(self, thread: Thread) -> None:
        """Events of `thread` were skipped: the next one is not directly after its request."""
        self._blocked.pop(thread.id, None)


@dataclass(frozen=True, slots=True)
class Unended:
    """A thread that has no `end` event, and the last that it did."""

    thread: Thread
    last: Event | None

    @property
    def waiting(self) -> bool:
        return self.last is not None and self.last.op in _BLOCKING


def unended(trace: Trace) -> list[Unended]:
    """The threads of `trace` that have no `end` event, in the order of their ids."""
    ended = {event.thread.id for event in trace.events.filter(op=Op.END)}
    return [Unended(t, _last(trace, t)) for t in trace.threads if t.id not in ended]


def _last(trace: Trace, thread: Thread) -> Event | None:
    """The last event of a thread, looked for from the end of the trace."""
    high, span = len(trace.events), 1024
    while high > 0:
        low = max(0, high - span)
        for event in reversed(trace.events[low:high]):
            if event.thread.id == thread.id:
                return event
        high, span = low, span * 4
    return None


def unended_lines(trace: Trace, among: Iterable[Unended]) -> list[str]:
    """A sentence for each thread that did not end; the many that did nothing odd are one."""
    lines: list[str] = []
    end = trace.events[-1].t if len(trace.events) else 0
    killed = cut = 0
    for one in among:
        name = thread_name(one.thread)
        if one.last is None:
            continue
        if one.waiting:
            since = duration(max(0, end - one.last.t))
            lines.append(
                f"{name} was still {_waiting_for(one.last)} when the trace ends"
                f" (since event {one.last.seq}, {since}{_place(one.last)})."
            )
        elif one.thread.daemon:
            killed += 1
            if killed <= 5:
                lines.append(f"{name} is a daemon thread: killed when the program exited.")
        elif one.thread.parent is not None:
            cut += 1
            if cut <= 5:
                lines.append(f"{name} did not end: the program was stopped.")
        if one.waiting and one.thread.daemon:
            lines[-1] += " It is a daemon thread: killed at exit."
    if killed > 5:
        lines.append(f"{plural(killed - 5, 'more daemon thread')} killed when the program exited.")
    if cut > 5:
        lines.append(f"{plural(cut - 5, 'more thread')} did not end.")
    return lines


def _waiting_for(event: Event) -> str:
    if event.op is Op.SLEEP:
        return "asleep"
    what = event.value if isinstance(event.value, str) else "go on"
    return f"waiting to {what} {target_name(event)}".rstrip()


def _place(event: Event) -> str:
    return f", {event.site}" if event.site is not None else ""
