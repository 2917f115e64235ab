"""The threads that the standard library made for itself (a queue's feeder, a pool's handlers):
reporters leave them out unless they are asked for. With a manager's threads go the calls that they
execute, where what they do is recorded as the caller's: an access, an acquire."""

from __future__ import annotations

from collections.abc import Callable

from ..events import Event, Op, Thread
from ..trace import Trace
from .phrases import plural, thread_of


def own_threads(trace: Trace) -> tuple[Thread, ...]:
    """The program's threads."""
    return tuple(thread for thread in trace.threads if not thread.internal)


def internal_events(trace: Trace) -> Callable[[Event], bool]:
    """Tells of an event whether it is one of an internal thread, starts, joins or looks at one, or
    calls one, or a step that the standard library makes for itself."""
    calls = _internal_calls(trace)

    def is_internal(event: Event) -> bool:
        if event.thread.internal or event.op is Op.STEP or event.seq in calls:
            return True
        about = thread_of(event)
        return about is not None and about.internal

    return is_internal


def _internal_calls(trace: Trace) -> set[int]:
    """The CALL and RESULT of each call of a proxy that an internal thread executes."""
    found: set[int] = set()
    returns: set[int] = set()
    for event in trace.events.filter(op=(Op.EXECUTE, Op.RETURN, Op.RESULT)):
        if event.op is Op.RESULT:
            if event.link in returns:
                found.add(event.seq)
        elif event.thread.internal:
            if event.op is Op.RETURN:
                returns.add(event.seq)
            elif event.link is not None:
                found.add(event.link)
    return found


def left_out(trace: Trace) -> str:
    """What is said of internal threads that are not shown; empty if there are none."""
    count = len(trace.threads) - len(own_threads(trace))
    return (
        f"; {plural(count, 'thread')} of the standard library not shown (--full)" if count else ""
    )
