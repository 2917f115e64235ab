"""The threads that the standard library made for itself (a queue's feeder, a pool's handlers):
reporters leave them out unless they are asked for."""

from __future__ import annotations

from tracer.events import Event, Thread
from tracer.reporters.phrases import plural, thread_of
from tracer.trace import Trace


def own_threads(trace: Trace) -> tuple[Thread, ...]:
    """The program's threads."""
    return tuple(thread for thread in trace.threads if not thread.internal)


def is_internal(event: Event) -> bool:
    """Whether the event is one of an internal thread, or starts, joins or looks at one."""
    if event.thread.internal:
        return True
    about = thread_of(event)
    return about is not None and about.internal


def left_out(trace: Trace) -> str:
    """What is said of internal threads that are not shown; empty if there are none."""
    count = len(trace.threads) - len(own_threads(trace))
    return (
        f"; {plural(count, 'thread')} of the standard library not shown (--full)" if count else ""
    )
