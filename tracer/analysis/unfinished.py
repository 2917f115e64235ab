"""What was still going on when a trace ends."""

from __future__ import annotations

from dataclasses import dataclass

from .. import _core
from ..events import Event, Object, Thread
from ..log import Log


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A wait that never ended, a lock that was never released, or a thread with no end.

    `what` is "waiting" (for `object`, since the request `since`), "held" (the lock `object`, since
    the acquire `since`) or "running" (since the thread's begin; `object` is None).
    """

    thread: Thread
    object: Object | None
    since: int
    what: str

    def describe(self, event: Event) -> str:
        """The row in words; `event` is the one with the number `since`."""
        place = f" at {event.site.place}" if event.site is not None else ""
        at = f"since {event.t / 1e9:.3f} s into the run{place}"
        if self.what == "running":
            return f"{self.thread.label} never ended; it ran {at}"
        name = self.object.name if self.object is not None else "an unknown object"
        if self.what == "held":
            return f"{self.thread.label} never released {name}, held {at}"
        op = event.value if isinstance(event.value, str) else "wait"
        return f"{self.thread.label} still waits in {op} on {name} {at}"


def unfinished(trace: Log) -> list[Unfinished]:
    """Threads that never ended, locks never released and waits that never ended, by thread.

    These are no bugs by themselves: a daemon thread ends so, and so does an interrupted program.
    """
    return [
        Unfinished(
            trace.threads[thread - 1], trace.objects[object - 1] if object else None, since, what
        )
        for thread, object, since, what in _core.analysis.unfinished_rows(trace.core)
    ]
