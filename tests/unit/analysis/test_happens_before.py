"""Happens-before against the oracle."""

from __future__ import annotations

import random

import pytest
from builder import Builder
from oracle import closure

from tracer import _core, analysis
from tracer.events import Op, Outcome, Ref
from tracer.trace import Trace


def random_program(seed: int) -> Trace:
    """A short log in which up to five threads use one primitive of every kind."""
    rng = random.Random(seed)
    b = Builder()
    lock, event = b.object("Lock", "lock"), b.object("Event", "event")
    condition, semaphore = b.object("Condition", "c"), b.object("BoundedSemaphore", "s")
    gate, queue = b.object("Barrier", "gate"), b.object("LifoQueue", "q")
    jobs = b.contents(b.object("deque", "jobs"))
    append, extend = b.site(1, "jobs.append(x)"), b.site(2, "jobs.extend(x)")
    pop = b.site(3, "jobs.pop()")
    alive, ended = [1], []
    sets: list[int] = []
    notifies: list[int] = []
    releases: list[int] = []
    puts: list[int] = []
    leaving: dict[int, int] = {}
    generation = 0
    flag = False
    for _ in range(rng.randrange(8, 40)):
        thread = rng.choice(alive)
        if thread in leaving:
            b.emit(thread, Op.WAIT, gate, value=leaving.pop(thread))
            continue
        match rng.randrange(20):
            case 0 | 1 if len(alive) + len(ended) < 5:
                alive.append(b.start(thread))
            case 2 if thread != 1:
                b.end(thread)
                alive.remove(thread)
                ended.append(thread)
            case 3 if ended:
                outcome = rng.choice([Outcome.OK, Outcome.TIMED_OUT])
                b.join(rng.choice(ended), thread, outcome)
            case 4 if ended:
                target = b.thread_object(rng.choice(ended))
                b.emit(thread, Op.OBSERVE, target, value=False)
            case 5:
                b.emit(thread, Op.OBSERVE, 0, value=len(alive))
            case 6:
                b.emit(thread, Op.RELEASE, lock)
            case 7:
                outcome = rng.choice([Outcome.OK, Outcome.WOULD_BLOCK])
                b.emit(thread, Op.ACQUIRE, lock, outcome=outcome)
            case 8:
                sets.append(b.emit(thread, Op.SET, event))
                flag = True
            case 9 if sets:
                link = rng.choice([0, sets[-1]])
                b.emit(thread, Op.WAIT, event, value=True, link=link)
            case 10:
                b.emit(thread, Op.CLEAR, event)
                flag = False
            case 11:
                b.emit(thread, Op.IS_SET, event, value=flag)
            case 12:
                notifies.append(b.emit(thread, Op.NOTIFY, condition))
            case 13 if notifies:
                b.emit(thread, Op.WAIT, condition, link=rng.choice([0, *notifies]))
            case 14:
                if rng.random() < 0.5:
                    releases.append(b.emit(thread, Op.RELEASE, semaphore))
                else:
                    b.emit(thread, Op.ACQUIRE, semaphore, link=rng.choice([0, *releases]))
            case 15 if not leaving and len(alive) > 1:
                for other in rng.sample(alive, 2):
                    b.emit(other, Op.ARRIVE, gate, value=generation)
                    leaving[other] = generation
                generation += 1
            case 16:
                if puts and rng.random() < 0.5:
                    put = puts.pop(rng.randrange(len(puts)))
                    b.emit(thread, Op.GET, queue, link=rng.choice([0, put]))
                else:
                    puts.append(b.emit(thread, Op.PUT, queue))
            case 17:
                if rng.random() < 0.5:
                    b.emit(thread, Op.TASK_DONE, queue, value=0)
                else:
                    b.emit(thread, Op.JOIN, queue)
            case 18:
                item = Ref("list", rng.randrange(1, 4))
                b.update(thread, jobs, rng.choice([append, extend, pop]), value=item)
            case _:
                b.emit(thread, Op.SLEEP, 0, value=0.1)
    return b.trace()


@pytest.mark.parametrize("block", range(10))
def test_the_engine_agrees_with_the_oracle(block: int) -> None:
    for seed in range(block * 300, block * 300 + 300):
        trace = random_program(seed)
        events = list(trace.events)
        before = trace.precedence.before
        engine = {(a.seq, b.seq) for a in events for b in events if before(a.seq, b.seq)}
        assert engine == closure(events), f"seed {seed}"


@pytest.mark.parametrize("most", [0, 3, 20])
def test_what_is_not_kept_is_read_again(most: int) -> None:
    for seed in range(100):
        trace = random_program(seed)
        events = list(trace.events)
        before = _core.analysis.Precedence(trace.core, most).before
        engine = {(a.seq, b.seq) for a in events for b in events if before(a.seq, b.seq)}
        assert engine == closure(events), f"seed {seed}"


def test_edges_are_those_of_the_oracle() -> None:
    """Every drawn edge is one, and together they order as much as all edges do."""
    for seed in range(500):
        trace = random_program(seed)
        events = list(trace.events)
        order = closure(events)
        drawn = analysis.sync_edges(trace)
        assert all((a, b) in order for a, b, _ in drawn), f"seed {seed}"
        assert [b for _, b, _ in drawn] == sorted(b for _, b, _ in drawn)
        threads = {e.seq: e.thread for e in events}
        assert all(threads[a] != threads[b] for a, b, _ in drawn)


def test_the_kinds_of_edges() -> None:
    b = Builder()
    lock, event = b.object("Lock", "lock"), b.object("Event", "event")
    condition, semaphore = b.object("Condition", "c"), b.object("Semaphore", "s")
    gate, queue = b.object("Barrier", "gate"), b.object("Queue", "q")
    worker = b.start()
    wanted = [(1, 2, "start")]

    def edge(first: Op, then: Op, target: int, kind: str, **fields: object) -> None:
        a = b.emit(worker, first, target, **fields)  # type: ignore[arg-type]
        linked = kind not in ("lock", "barrier")
        z = b.emit(1, then, target, link=a if linked else 0, **fields)  # type: ignore[arg-type]
        wanted.append((a, z, kind))

    edge(Op.RELEASE, Op.ACQUIRE, lock, "lock")
    edge(Op.SET, Op.WAIT, event, "set")
    edge(Op.NOTIFY, Op.WAIT, condition, "notify")
    edge(Op.RELEASE, Op.ACQUIRE, semaphore, "semaphore")
    edge(Op.ARRIVE, Op.WAIT, gate, "barrier", value=0)
    edge(Op.PUT, Op.GET, queue, "put-get")
    edge(Op.TASK_DONE, Op.JOIN, queue, "task_done")
    jobs, item = b.contents(b.object("list", "jobs")), Ref("dict", queue)
    append = b.update(worker, jobs, b.site(1, "jobs.append(x)"), value=item)
    pop = b.update(1, jobs, b.site(2, "jobs.pop()"), value=item)
    wanted.append((append, pop, "hand-over"))
    end = b.end(worker)
    wanted.append((end, b.emit(1, Op.OBSERVE, 0, value=1), "observe"))
    wanted.append((end, b.join(worker), "join"))
    trace = b.trace()
    assert analysis.sync_edges(trace) == wanted
    assert analysis.sync_edges(trace, end, end + 1) == wanted[-2:-1]


def test_no_event_is_before_itself_or_an_earlier_one() -> None:
    b = Builder()
    first, second = b.emit(1, Op.SLEEP), b.emit(1, Op.WAKE)
    trace = b.trace()
    assert trace.happens_before(first, second)
    assert not trace.happens_before(second, first)
    assert not trace.happens_before(first, first)
    assert not trace.happens_before(first, 99)
    assert not trace.happens_before(0, second)
