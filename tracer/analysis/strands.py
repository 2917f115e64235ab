"""What takes turns inside one thread: tasks of asyncio, greenlets. Races between them are not
looked for, so it is said where they could be."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from ..events import GapKind, Op, Reason, Thread
from ..log import Log

_WRITES = frozenset((Op.WRITE, Op.DELETE, Op.UPDATE))
_ACCESSES = [op for op in Op if op.is_access]
_MOST_NAMES = 3


class Turn(NamedTuple):
    """The events from `first` to `last` of a thread were made by one of those that take turns."""

    first: int
    last: int
    strand: int
    name: str


class _Shared:
    """What those that take turns in a thread have done to one variable."""

    def __init__(self) -> None:
        self.last: dict[int, int] = {}
        self.written = 0

    def split(self, strand: int, seq: int, writes: bool) -> bool:
        """Whether others came between two accesses of the strand, and something was written."""
        if writes:
            self.written = seq
        before = self.last.get(strand)
        others = before is not None and any(
            at > before for other, at in self.last.items() if other != strand
        )
        self.last[strand] = seq
        return others and before is not None and self.written >= before


def tasks(trace: Log) -> Iterator[Reason]:
    """Tasks of asyncio that interleave at awaits on what they share."""
    advice = "Hold an asyncio.Lock, or await nothing, from a read to the write that rests on it."
    yield from _interleaved(trace, GapKind.TASK, "asyncio", "asyncio tasks", "at awaits", advice)


def greenlets(trace: Log) -> Iterator[Reason]:
    """Greenlets that interleave on what they share."""
    advice = "Hold a lock, or switch to no other, from a read to the write that rests on it."
    yield from _interleaved(trace, GapKind.GREENLET, "greenlets", "greenlets", "inside it", advice)


def _interleaved(
    trace: Log, gap: GapKind, kind: str, what: str, where: str, advice: str
) -> Iterator[Reason]:
    for thread, turns in _turns(trace, gap).items():
        names = _split(trace, thread, turns)
        if names:
            more = len(names) - _MOST_NAMES
            shown = ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
            text = (
                f"{what} of {thread.name} interleave {where} on {shown}:"
                " races between them are not looked for"
            )
            yield Reason(kind, text, advice)


def _turns(trace: Log, kind: GapKind) -> dict[Thread, list[Turn]]:
    turns: dict[Thread, list[Turn]] = {}
    for one in trace.gaps:
        if one.kind == kind and one.thread is not None:
            strand, events, name = one.subject.split(":", 2)
            first, last = events.split("-")
            turn = Turn(int(first), int(last), int(strand), name)
            turns.setdefault(one.thread, []).append(turn)
    return turns


def _split(trace: Log, thread: Thread, turns: list[Turn]) -> list[str]:
    """The variables that one accesses, another then, and the first again, not without a write."""
    turns.sort()
    starts = [turn.first for turn in turns]
    between = (turns[0].first, max(turn.last for turn in turns))
    shared: dict[int, _Shared] = {}
    split: dict[int, None] = {}
    for row in trace.events.rows(_ACCESSES, thread=thread.id, seq_range=between):
        seq, op, location = row[0], row[3], row[4]
        turn = turns[bisect_right(starts, seq) - 1]
        if seq > turn.last:
            continue
        known = shared.setdefault(location, _Shared())
        if known.split(turn.strand, seq, op in _WRITES):
            split[location] = None
    return list(dict.fromkeys(trace.locations[one - 1].short for one in split))
