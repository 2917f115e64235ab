"""What is known of the threads of a run at the moment at which it hung."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from .. import printing
from ..events import Event, Object, Op, Outcome, Process, Thread
from ..log import Log

_FOR_EVER = 2**62


def at(event: Event) -> str:
    """` at race.py:8`; empty where that is unknown."""
    if event.site is None:
        return ""
    return f" at {printing.name(PurePath(event.site.file).name)}:{event.site.line}"


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b, c and 97 more`."""
    if len(names) > 4:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


@dataclass(frozen=True)
class Scene:
    """The threads `waiting`, by their ids, cannot go on. `stop` is the first event that came after
    the run was told to end; 0 if it was not."""

    trace: Log
    waiting: frozenset[int]
    stop: int

    @property
    def until(self) -> int:
        """The last event that counts."""
        return self.stop - 1 if self.stop else _FOR_EVER

    def events(self, object: Object, *ops: Op) -> list[Event]:
        """What was done to the object and did not fail, in order."""
        found = self.trace.events.filter(object=object, op=ops, seq_range=(0, self.until))
        return [event for event in found if event.outcome in (Outcome.OK, Outcome.RAISED)]

    def last_by_thread(self, object: Object, *ops: Op) -> list[Event]:
        """The last of these events of each thread, the latest first."""
        last = {event.thread.id: event for event in self.events(object, *ops)}
        return sorted(last.values(), key=lambda event: -event.seq)

    def holder(self, lock: Object, thread: Thread | None = None, before: int = 0) -> Event | None:
        """The acquire of who holds the lock, of that thread if one is given; None if nobody does.
        `before`: at that event, not at the end."""
        found: dict[int, list[Event]] = {}
        for event in self.events(lock, Op.ACQUIRE, Op.RELEASE):
            if before and event.seq >= before:
                break
            taken = found.setdefault(event.thread.id, [])
            if event.op is Op.ACQUIRE:
                taken.append(event)
            else:
                # A plain Lock may be released by another thread than its holder.
                (taken or next(filter(None, found.values()), taken))[-1:] = []
        held = [
            taken[0] for id, taken in found.items() if taken and (thread is None or id == thread.id)
        ]
        return max(held, key=lambda event: event.seq, default=None)

    @cached_property
    def ends(self) -> dict[int, Event]:
        """The END of each thread that has ended."""
        found = self.trace.events.filter(op=Op.END, seq_range=(0, self.until))
        return {event.thread.id: event for event in found}

    @cached_property
    def _told(self) -> dict[int, int]:
        """The exit statuses of the processes whose ends others have been told of."""
        found = self.trace.events.filter(op=(Op.JOIN, Op.STEP), seq_range=(0, self.until))
        return {
            event.object.thread.process.id: event.value
            for event in found
            if isinstance(event.value, int) and event.object and event.object.thread
        }

    def exit_status(self, process: Process) -> int | None:
        """With what the process had ended, if it had."""
        if (status := self._told.get(process.id)) is not None:
            return status
        if process.id in self.lost:
            return process.exit_status
        return None

    @cached_property
    def lost(self) -> tuple[int, ...]:
        """The processes that had ended though no event tells of it."""
        from .endings import ending

        return ending(self.trace).lost

    def fate(self, thread: Thread) -> str:
        """What has become of the thread: `waits itself`, `has died of KeyError`; empty if it was
        running."""
        if (end := self.ends.get(thread.id)) is not None:
            if end.outcome is Outcome.RAISED and end.value != "SystemExit":
                return f"has died of {printing.name(str(end.value))}{at(end)}"
            return "has ended"
        if (status := self.exit_status(thread.process)) is not None:
            if status < 0:
                return f"was killed by {signal.Signals(-status).name}"
            return f"has ended with its process, with exit status {status}"
        return "waits itself" if thread.id in self.waiting else ""
