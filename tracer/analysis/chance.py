"""What a run had by chance, told in the words of a predicted finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..events import Event, Op, Thread
from ..log import Log

BY_CHANCE = (
    " One worker did these tasks one after the other; in another run two workers may do them at"
    " once."
)


def in_time(trace: Log, not_needed: Sequence[int]) -> str:
    """Which answers came in time, though the code goes on without them, too."""
    sites = dict.fromkeys(trace.events.at(seq).site for seq in not_needed)
    calls = [f"`{site.text}` at {site.place}" for site in sites if site is not None]
    if not calls:
        return ""
    got = "got what it was" if len(calls) == 1 else "got what they were"
    return (
        f" In this run {' and '.join(calls)} {got} for in time, but what follows is done without"
        " that, too: it orders nothing."
    )


def told_apart(trace: Log, events: Sequence[Event]) -> tuple[Event, ...]:
    """The events of a finding; where they are of several tasks of one thread, its name tells the
    task, by its number among those of the thread."""
    several = {
        thread for thread in {event.thread for event in events} if _several(trace, thread, events)
    }
    if not several:
        return tuple(events)
    return tuple(_of_task(trace, event) if event.thread in several else event for event in events)


def _several(trace: Log, thread: Thread, events: Sequence[Event]) -> bool:
    own = [event.seq for event in events if event.thread == thread]
    between = trace.events.filter(thread=thread, op=Op.RUN, seq_range=(min(own) + 1, max(own)))
    return next(between, None) is not None


def _of_task(trace: Log, event: Event) -> Event:
    runs = trace.events.filter(thread=event.thread, op=Op.RUN, seq_range=(0, event.seq))
    name = f"{event.thread.name} (task {sum(1 for _ in runs)})"
    return replace(event, thread=replace(event.thread, name=name))
