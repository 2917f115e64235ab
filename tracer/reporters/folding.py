"""Making many threads few: those that do the same are shown once, with how many more there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..events import LocationKind, Op, Process, Thread
from ..trace import Trace

_BATCH = 8192
_OWN_TARGET = frozenset(map(int, (Op.START, Op.BEGIN, Op.END, Op.JOIN, Op.OBSERVE)))
_TARGETLESS = frozenset(map(int, (Op.SLEEP, Op.WAKE, Op.OUTPUT, Op.STEP)))


@dataclass(frozen=True, slots=True)
class Lanes:
    """The threads to draw, in order; `more` is how many threads like each are not drawn, and
    `others` how many threads are not drawn that are like none of them."""

    threads: tuple[Thread, ...]
    more: dict[int, int]
    others: int


def fold(trace: Trace, among: Sequence[Thread], wanted: Iterable[Thread], limit: int) -> Lanes:
    """Choose at most `limit` threads to draw: the `wanted` ones and those that started them, then
    one of each sort of thread in `among`."""
    sorts = _sorts(trace)
    chosen: dict[int, Thread] = {}
    for thread in wanted:
        if len(chosen) < limit:
            chosen[thread.id] = thread
    for thread in list(chosen.values()):
        while thread.parent is not None and len(chosen) <= limit:
            thread = thread.parent
            chosen[thread.id] = thread
    represented = {sorts.get(number) for number in chosen}
    for thread in among:
        sort = sorts.get(thread.id)
        if sort is not None and sort not in represented and len(chosen) < limit:
            chosen[thread.id] = thread
            represented.add(sort)
    last = {sorts.get(number): number for number in sorted(chosen)}
    more: dict[int, int] = {}
    others = 0
    for thread in among:
        if thread.id in chosen or thread.id not in sorts:
            continue
        like = last.get(sorts[thread.id])
        if like is None:
            others += 1
        else:
            more[like] = more.get(like, 0) + 1
    return Lanes(in_processes(chosen.values()), more, others)


def in_processes(threads: Iterable[Thread]) -> tuple[Thread, ...]:
    """The threads in the order of lanes: those of a process beside each other, and the processes
    in the order in which they were made."""
    return tuple(sorted(threads, key=lambda thread: (_made(thread.process), thread.id)))


def _made(process: Process) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", process.path)]


def _sorts(trace: Trace) -> dict[int, frozenset[tuple[int, int]]]:
    """For each thread with events, the set of what it does, with whom left out: two threads of
    one sort ran the same code, however often and with whatever values."""
    items = {
        x.id: -x.object.id
        for x in trace.locations
        if x.kind is LocationKind.ITEM and x.object is not None
    }
    sorts: dict[int, set[tuple[int, int]]] = {}
    for start in range(0, len(trace.events), _BATCH):
        for row in trace.core.events(start, start + _BATCH):
            op, target = row[3], row[4]
            if op in _TARGETLESS or op in _OWN_TARGET:
                target = 0
            elif op <= Op.ITERATE:
                target = items.get(target, target)
            sorts.setdefault(row[2], set()).add((op, target))
    return {thread: frozenset(done) for thread, done in sorts.items()}
