"""Happens-before, as questions about the events of a trace."""

from __future__ import annotations

from .. import _core
from ..log import Log


def happens_before(trace: Log, seq_a: int, seq_b: int) -> bool:
    """Whether event `seq_a` is ordered before `seq_b` by program order and synchronization.

    False for an event and itself, and for a number that no event has. The first question reads the
    trace; the others take about a microsecond (a very long trace of many threads is read again for
    events near its end).
    """
    return trace.precedence.before(seq_a, seq_b)


def sync_edges(
    trace: Log, first_seq: int = 1, last_seq: int | None = None
) -> list[tuple[int, int, str]]:
    """The synchronization edges between threads that end in an event `first_seq` … `last_seq`.

    Each is `(from, to, kind)` with sequence numbers, in the order of `to`; `from` may be earlier
    than `first_seq`. Kinds: start, join, lock, notify, set, semaphore, barrier, put-get,
    task_done, observe, hand-over.
    """
    return _core.analysis.sync_edges(trace.core, first_seq, 2**63 if last_seq is None else last_seq)
