"""Data races and lost updates of random small programs, against what the words mean.

The oracle knows two things: the order that synchronization makes, as a transitive closure, and
which other orders of the same events there are, by trying them all.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from builder import AUGMENTED, Builder
from oracle import closure, sources

from tracer import analysis
from tracer.events import Event, Op
from tracer.trace import Trace

LOCATIONS = 2


@dataclass
class Thread:
    id: int
    held: list[int] = field(default_factory=list)
    # The read, by location and kind, whose value is still to be written.
    pending: set[tuple[int, int]] = field(default_factory=set)


class Sites:
    """The lines at which a location is read and written: the pairs of two transactions, of an
    augmented assignment, a write that owes nothing to a read, a read that nothing comes of."""

    def __init__(self, b: Builder, first: int) -> None:
        reads = [b.site(first + kind, "v = x") for kind in range(2)]
        self.pairs = [
            (r, b.site(first + 2 + k, "x = v", sources=(r,))) for k, r in enumerate(reads)
        ]
        self.augmented = b.site(first + 4, "x += 1")
        self.blind = b.site(first + 5, "x = 0")
        self.look = b.site(first + 6, "print(x)")


def random_program(seed: int, looks: bool) -> Trace:
    """A log of up to four threads that use two locks, an event, a queue and two variables."""
    rng = random.Random(seed)
    b = Builder()
    locks = [b.object("Lock", "a"), b.object("Lock", "b")]
    event, queue = b.object("Event", "event"), b.object("Queue", "queue")
    places = [b.global_("xy"[i]) for i in range(LOCATIONS)]
    sites = [Sites(b, 10 * i + 10) for i in range(LOCATIONS)]
    threads, ended = [Thread(1)], []
    sets: list[int] = []
    puts: list[int] = []
    value = 100
    for _ in range(rng.randrange(8, 26)):
        me = rng.choice(threads)
        at = rng.randrange(LOCATIONS)
        place, where = places[at], sites[at]
        value += 1
        match rng.randrange(14):
            case 0 | 1 if len(threads) + len(ended) < 4:
                threads.append(Thread(b.start(me.id)))
            case 2 if me.id != 1 and not me.held:
                b.end(me.id)
                threads.remove(me)
                ended.append(me)
            case 3 if ended:
                b.join(rng.choice(ended).id, me.id)
            case 4 | 5:
                lock = rng.choice(locks)
                if all(lock not in thread.held for thread in threads):
                    b.emit(me.id, Op.ACQUIRE, lock)
                    me.held.append(lock)
            case 6 if me.held:
                b.emit(me.id, Op.RELEASE, me.held.pop(rng.randrange(len(me.held))))
            case 7:
                if sets and rng.random() < 0.5:
                    b.emit(me.id, Op.WAIT, event, value=True, link=sets[-1])
                else:
                    sets.append(b.emit(me.id, Op.SET, event))
            case 8:
                if puts and rng.random() < 0.5:
                    b.emit(me.id, Op.GET, queue, link=puts.pop(0))
                else:
                    puts.append(b.emit(me.id, Op.PUT, queue))
            case 9:
                b.read(me.id, place, value, where.augmented)
                b.write(me.id, place, value, where.augmented, AUGMENTED)
            case 10:
                b.write(me.id, place, value, where.blind)
            case 11 if looks:
                b.read(me.id, place, value, where.look)
            case _:
                kind = rng.randrange(2)
                read, write = where.pairs[kind]
                if (at, kind) in me.pending:
                    me.pending.remove((at, kind))
                    b.write(me.id, place, value, write)
                else:
                    me.pending.add((at, kind))
                    b.read(me.id, place, value, read)
    return b.trace()


def line(event: Event) -> int:
    assert event.site is not None
    return event.site.line


def accesses(events: list[Event]) -> Iterator[list[Event]]:
    """The accesses of each location."""
    for number in range(LOCATIONS):
        yield [e for e in events if e.location is not None and e.location.short == "xy"[number]]


def held_at(events: list[Event]) -> dict[int, set[str]]:
    """By event: the locks that its thread holds."""
    held: dict[int, set[str]] = {}
    at = {}
    for e in events:
        mine = held.setdefault(e.thread.id, set())
        if e.object is not None and e.op == Op.ACQUIRE:
            mine.add(e.object.label)
        elif e.object is not None and e.op == Op.RELEASE:
            mine.discard(e.object.label)
        at[e.seq] = set(mine)
    return at


def races(events: list[Event]) -> Iterator[list[tuple[Event, Event]]]:
    """Of each location, the pairs of accesses that are data races.

    A read without a lock is none if all writes that anything is unordered with are under one.
    """
    order, held = closure(events), held_at(events)
    for of_one in accesses(events):
        pairs = [
            (a, b)
            for a in of_one
            for b in of_one
            if a.seq < b.seq and a.thread != b.thread and Op.WRITE in (a.op, b.op)
            if (a.seq, b.seq) not in order
        ]
        writes = [held[e.seq] for pair in pairs for e in pair if e.op == Op.WRITE]
        guarded = bool(writes) and bool(set.intersection(*writes))
        yield [(a, b) for a, b in pairs if not guarded or a.op == b.op == Op.WRITE]


@pytest.mark.parametrize("block", range(10))
def test_data_races_are_those_of_the_oracle(block: int) -> None:
    racy = reported = 0
    for seed in range(block * 200, block * 200 + 200):
        trace = random_program(seed, looks=True)
        found = analysis.find(trace, unordered=True)
        for name, racing in zip("xy", races(list(trace.events)), strict=True):
            here = [f for f in found if f.location is not None and f.location.short == name]
            data_races = [f for f in here if f.kind == "data-race"]
            pairs = {(a.seq, b.seq) for a, b in racing}
            for finding in data_races:
                assert tuple(sorted(finding.events)) in pairs, f"seed {seed}"
            # A lost update is the worse news of the same accesses.
            assert bool(racing) <= bool(here), f"seed {seed}"
            racy += bool(racing)
            reported += bool(data_races)
    assert racy > reported > 40


@dataclass(frozen=True)
class Transaction:
    """A write and the read that its value came from."""

    read: Event
    write: Event


def transactions(of_one: list[Event]) -> list[Transaction]:
    found = []
    for write in of_one:
        if write.op == Op.WRITE and line(write) % 10 in (2, 3, 4):
            wanted = line(write) - (0 if line(write) % 10 == 4 else 2)
            own = [e for e in of_one if e.thread == write.thread and e.seq < write.seq]
            found.append(Transaction([e for e in own if line(e) == wanted][-1], write))
    return found


def observed(of_one: list[Event]) -> set[tuple[int, int]]:
    """The lines of the writes of which the one came from a value that is older than the other."""
    pairs = set()
    for t in transactions(of_one):
        before = [e for e in of_one if e.op == Op.WRITE and e.seq < t.write.seq]
        since = max([t.read.seq, *(e.seq for e in before if e.thread == t.write.thread)])
        if overwritten := [e for e in before if e.seq > since]:
            pairs.add(tuple(sorted((line(overwritten[-1]), line(t.write)))))
    return pairs  # type: ignore[return-value]


def possible(events: list[Event], first: Event, second: Event, third: Event) -> bool:
    """Whether the same events can happen in an order in which these three come in this one.

    Each thread keeps its order; what synchronization orders keeps its order, but for the turns that
    threads take at a lock, which is held by one at a time.
    """
    before = {e.seq: {x.seq for x in sources(events, e, locks=False)} for e in events}
    before[second.seq].add(first.seq)
    before[third.seq].add(second.seq)
    seen = set()

    def reaches(done: frozenset[int], owned: frozenset[str]) -> bool:
        if third.seq in done:
            return True
        if done in seen:
            return False
        seen.add(done)
        for e in events:
            if e.seq in done or not before[e.seq] <= done:
                continue
            now = owned
            if e.op == Op.ACQUIRE:
                assert e.object is not None
                if e.object.label in owned:
                    continue
                now = owned | {e.object.label}
            elif e.op == Op.RELEASE:
                assert e.object is not None
                now = owned - {e.object.label}
            if reaches(done | {e.seq}, now):
                return True
        return False

    return reaches(frozenset(), frozenset())


def predicted(events: list[Event], of_one: list[Event]) -> set[tuple[int, int]]:
    """The lines of the writes of which one may come into the other's transaction."""
    pairs = set()
    writes = [e for e in of_one if e.op == Op.WRITE]
    for t in transactions(of_one):
        for w in writes:
            pair = tuple(sorted((line(w), line(t.write))))
            if w.thread == t.write.thread or pair in pairs:
                continue
            if possible(events, t.read, w, t.write):
                pairs.add(pair)
    return pairs  # type: ignore[return-value]


def told(trace: Trace, name: str, status: str) -> set[tuple[int, int]]:
    pairs = set()
    for f in (one for found in trace.findings() for one in found.patterns):
        if f.kind == "lost-update" and f.location and f.location.short == name:
            writes = [e for e in map(trace.events.at, f.events) if e.op == Op.WRITE]
            if f.status == status:
                pairs.add(tuple(sorted(map(line, writes))))
    return pairs  # type: ignore[return-value]


@pytest.mark.parametrize("block", range(10))
def test_lost_updates_are_those_of_the_oracle(block: int) -> None:
    happened = possible = clean = 0
    for seed in range(block * 100, block * 100 + 100):
        trace = random_program(seed, looks=False)
        events = list(trace.events)
        for name, of_one in zip("xy", accesses(events), strict=True):
            lost = observed(of_one)
            assert told(trace, name, "observed") == lost, f"seed {seed}"
            could = predicted(events, of_one) - lost
            assert told(trace, name, "predicted") == could, f"seed {seed}"
            happened += len(lost)
            possible += len(could)
            clean += bool(transactions(of_one)) and not lost | could
    assert min(happened, possible, clean) > 5


@pytest.mark.parametrize("block", range(5))
def test_so_many_updates_are_lost_as_the_value_is_too_low(block: int) -> None:
    """Threads that add one, the read and the write apart: what the end value lacks was lost."""
    for seed in range(block * 200, block * 200 + 200):
        rng = random.Random(seed)
        b = Builder()
        x = b.global_("x")
        read = b.site(1, "v = x")
        write = b.site(2, "x = v + 1", sources=(read,))
        threads = [1, *(b.start() for _ in range(rng.randrange(1, 4)))]
        value, updates = 0, 0
        taken: dict[int, int] = {}
        for _ in range(rng.randrange(4, 40)):
            me = rng.choice(threads)
            if me in taken:
                value = taken.pop(me) + 1
                updates += 1
                b.write(me, x, value, write)
            else:
                taken[me] = value
                b.read(me, x, value, read)
        found = [f for f in b.trace().findings() if f.kind == "lost-update"]
        found = [f for f in found if f.status == "observed"]
        assert [f.count for f in found] == ([updates - value] if updates > value else [])
