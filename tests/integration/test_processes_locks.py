"""The primitives of multiprocessing.synchronize between processes, under every start method."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from test_processes import METHODS, recorded_source

import tracer
from tracer import Event, Op, Outcome

START = """
def run(count, target, *args):
    processes = [context.Process(target=target, args=(i, *args)) for i in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    print([process.exitcode for process in processes])
"""


def recorded(folder: Path, source: str, method: str) -> tracer.Trace:
    done = recorded_source(folder, START + source, method)
    assert "1" not in done.stdout
    return done.trace


def named(trace: tracer.Trace, name: str) -> tracer.Object:
    # A Condition's lock, made with it, has its name too, and comes after it or before.
    rows = [row for row in trace.objects if row.name == name]
    return rows[0] if len(rows) == 1 else next(row for row in rows if row.kind == "Condition")


def of(trace: tracer.Trace, name: str, *ops: Op) -> list[Event]:
    return list(trace.events.filter(object=named(trace, name), op=ops))


@pytest.mark.parametrize("method", METHODS)
def test_locks_exclude_and_rlocks_nest(tmp_path: Path, method: str) -> None:
    source = """
def work(number, lock, nested):
    lock.acquire()
    lock.release()
    with nested:
        assert nested.acquire(timeout=5)
        nested.release()
if __name__ == "__main__":
    lock = context.Lock()
    nested = context.RLock()
    assert lock.acquire(False) and not lock.acquire(block=False)
    lock.release()
    run(3, work, lock, nested)
"""
    trace = recorded(tmp_path, source, method)
    lock = of(trace, "lock", Op.ACQUIRE, Op.RELEASE)
    assert [e.outcome for e in lock[:3]] == [Outcome.OK, Outcome.WOULD_BLOCK, Outcome.OK]
    assert [e.op for e in lock[3:]] == [Op.ACQUIRE, Op.RELEASE] * 3
    assert len({e.thread.path for e in lock[3:]}) == 3
    for before, after in pairwise(lock[2:]):
        assert trace.happens_before(before, after)
    nested = of(trace, "nested", Op.ACQUIRE, Op.RELEASE)
    assert [e.value for e in nested] == [1, 2, 1, 0] * 3
    assert named(trace, "nested").kind == "RLock"
    assert trace.findings() == []


@pytest.mark.parametrize("method", METHODS)
def test_a_semaphore_lets_so_many_in(tmp_path: Path, method: str) -> None:
    source = """
def work(number, room):
    with room:
        pass
if __name__ == "__main__":
    room = context.BoundedSemaphore(2)
    run(4, work, room)
    try:
        room.release()
    except ValueError as error:
        print(error)
"""
    trace = recorded(tmp_path, source, method)
    inside = 0
    events = of(trace, "room", Op.ACQUIRE, Op.RELEASE)
    assert len(events) == 8
    for event in events:
        inside += 1 if event.op is Op.ACQUIRE else -1
        assert 0 <= inside <= 2
    assert named(trace, "room").kind == "BoundedSemaphore"


@pytest.mark.parametrize("method", METHODS)
def test_a_semaphore_as_a_signal_orders(tmp_path: Path, method: str) -> None:
    source = """
def work(number, signal):
    print("before", flush=True)
    signal.release()
if __name__ == "__main__":
    signal = context.Semaphore(0)
    process = context.Process(target=work, args=(0, signal))
    process.start()
    signal.acquire()
    print("after", flush=True)
    process.join()
"""
    trace = recorded(tmp_path, source, method)
    before, after = trace.events.filter(op=Op.OUTPUT)
    assert trace.happens_before(before, after)


@pytest.mark.parametrize("method", METHODS)
def test_conditions_and_events(tmp_path: Path, method: str) -> None:
    source = """
def work(number, condition, opened):
    opened.wait()
    with condition:
        condition.notify_all()
if __name__ == "__main__":
    condition = context.Condition()
    opened = context.Event()
    assert not opened.is_set() and not opened.wait(0.01)
    process = context.Process(target=work, args=(0, condition, opened))
    process.start()
    with condition:
        opened.set()
        condition.wait()
    with condition:
        print(condition.wait(timeout=0.01))
    opened.clear()
    process.join()
"""
    trace = recorded(tmp_path, source, method)
    kinds = {row.kind for row in trace.objects}
    assert kinds.isdisjoint({"Semaphore", "Lock"})
    own = [(e.op, e.outcome, e.thread.path) for e in of(trace, "opened", Op.SET, Op.WAIT, Op.CLEAR)]
    assert own == [
        (Op.WAIT, Outcome.TIMED_OUT, "main"),
        (Op.SET, Outcome.OK, "main"),
        (Op.WAIT, Outcome.OK, "main/p1"),
        (Op.CLEAR, Outcome.OK, "main"),
    ]
    notify, wait, late = of(trace, "condition", Op.NOTIFY, Op.WAIT)
    assert (notify.thread.path, notify.value) == ("main/p1", 1)
    assert (wait.outcome, late.outcome) == (Outcome.OK, Outcome.TIMED_OUT)
    assert trace.happens_before(notify, wait)
    assert trace.findings() == []


@pytest.mark.parametrize("method", METHODS)
def test_a_barrier_has_one_generation_for_all(tmp_path: Path, method: str) -> None:
    source = """
def work(number, barrier):
    barrier.wait()
    barrier.wait()
if __name__ == "__main__":
    barrier = context.Barrier(3)
    run(3, work, barrier)
"""
    trace = recorded(tmp_path, source, method)
    events = of(trace, "barrier", Op.ARRIVE, Op.WAIT)
    for generation in (0, 1):
        mine = [e for e in events if e.value == generation]
        arrived = [e for e in mine if e.op is Op.ARRIVE]
        departed = [e for e in mine if e.op is Op.WAIT]
        assert len(arrived) == len(departed) == 3
        for one in arrived:
            assert all(trace.happens_before(one, other) for other in departed)
    assert {row.kind for row in trace.objects}.isdisjoint({"Semaphore", "Lock", "RLock"})
