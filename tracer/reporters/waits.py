"""How long threads waited, and which never came back."""

from __future__ import annotations

from ..analysis import Unfinished, unfinished
from ..events import Event, Op, Thread
from ..printing import printable
from ..trace import Trace
from .phrases import duration, plural, purpose, thread_name

_NAMED = 5
_BLOCKING = (Op.REQUEST, Op.SLEEP)
_ENDS_A_WAIT = frozenset(
    {Op.ACQUIRE, Op.WAIT, Op.JOIN, Op.GET, Op.PUT, Op.WAKE, Op.RESULT, Op.RECV, Op.POLL}
)


def cause(trace: Trace, event: Event) -> Event | None:
    """The event that let `event` happen, if the trace has it."""
    if event.link is None:
        return None
    try:
        return trace.events.at(event.link)
    except KeyError:  # cut off
        return None


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


def unfinished_lines(trace: Trace) -> list[str]:
    """A sentence for each of the program's threads that did not end, and each wait of one that
    never did."""
    rows = [row for row in unfinished(trace) if not row.thread.internal]
    waiting = {row.thread.id for row in rows if row.what == "waiting"}
    lines = [_line(trace, row) for row in rows if row.what != "running"]
    for daemon in (True, False):
        names = [
            thread_name(row.thread)
            for row in rows
            if row.what == "running"
            and row.thread.daemon is daemon
            and row.thread.parent is not None
            and row.thread.id not in waiting
        ]
        end = "killed when the program exited (a daemon thread)" if daemon else "cut off"
        lines += [f"{name} has no end event: {end}." for name in names[:_NAMED]]
        if len(names) > _NAMED:
            lines.append(f"{plural(len(names) - _NAMED, 'more thread')} without one: {end}.")
    return lines


def _line(trace: Trace, row: Unfinished) -> str:
    event = trace.events.at(row.since)
    since = duration(max(0, trace.events[-1].t - event.t))
    name = thread_name(row.thread)
    what = printable(row.object.name) if row.object is not None else "something"
    place = f", {printable(str(event.site))}" if event.site is not None else ""
    where = f"(since event {event.seq}, {since} before the end{place})"
    if row.what == "held":
        return f"{name} never released {what} {where}."
    waiting = purpose(event).replace("wait", "waiting", 1)
    killed = " It is a daemon thread: killed at exit." if row.thread.daemon else ""
    return f"{name} was still {waiting} {what} when the trace ends {where}.{killed}"
