"""Data races, and the correct programs on which there must be none."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from builder import STRUCTURAL, Builder

from tracer import analysis
from tracer.events import Finding, Op, Outcome, Ref


def find(b: Builder) -> list[Finding]:
    return analysis.find(b.trace(), unordered=True)


def test_read_and_write() -> None:
    b = Builder()
    x = b.global_("result")
    worker = b.start()
    b.write(worker, x, 42, b.site(5, "result = 42"))
    b.read(1, x, 42, b.site(9, "result"))
    (found,) = find(b)
    assert (found.kind, found.status) == ("data-race", "observed")
    assert found.explanation == (
        "Data race on global `result`: Thread-1 wrote 42 at race.py:5 (holding no lock) and "
        "MainThread read 42 at race.py:9 (holding no lock), and no synchronization orders the two."
    )


def test_different_locks() -> None:
    b = Builder()
    x, locks = b.global_("x"), [b.object("Lock", name) for name in "ab"]
    for i, lock in enumerate(locks):
        thread = b.start()
        with b.locked(thread, lock):
            b.write(thread, x, i, b.site(5 + i))
    (found,) = find(b)
    assert found.kind == "data-race"
    assert [[lock.name for lock in held] for held in found.locks] == [["a"], ["b"]]


def test_iteration_while_another_adds_keys() -> None:
    b = Builder()
    d = b.object("dict", "d")
    contents, item = b.contents(d), b.item(d, "k")
    one, two = b.start(), b.start()
    b.write(one, item, 1, b.site(5), STRUCTURAL)
    b.emit(two, Op.ITERATE, contents, site=b.site(8))
    (found,) = find(b)
    assert found.kind == "data-race"
    assert found.location is not None
    assert found.location.id == contents


def test_iteration_while_another_appends() -> None:
    b = Builder()
    contents = b.contents(b.object("list", "rows"))
    one, two = b.start(), b.start()
    b.emit(two, Op.ITERATE, contents, site=b.site(8))
    b.update(one, contents, b.site(5, "rows.append(1)"))
    assert [f.kind for f in find(b)] == ["data-race"]


def test_a_hundred_racing_threads_are_one_finding() -> None:
    b = Builder()
    x, site = b.global_("x"), b.site(5, "x = me")
    threads = [b.start() for _ in range(100)]
    for value, thread in enumerate(threads):
        b.write(thread, x, value, site)
    (found,) = find(b)
    assert len(found.threads) == 100


def start_join(b: Builder, x: int) -> None:
    b.write(1, x, 1, b.site(1))
    worker = b.start()
    b.write(worker, x, 2, b.site(2))
    b.end(worker)
    b.join(worker)
    b.read(1, x, 2, b.site(3))


def event_publication(b: Builder, x: int) -> None:
    ready = b.object("Event", "ready")
    one, two = b.start(), b.start()
    b.write(one, x, 1, b.site(1))
    b.emit(one, Op.SET, ready)
    b.emit(two, Op.WAIT, ready, value=True)
    b.read(two, x, 1, b.site(2))
    b.emit(1, Op.IS_SET, ready, value=True)
    b.read(1, x, 1, b.site(3))


def put_get(b: Builder, x: int) -> None:
    queue = b.object("Queue", "q")
    one, two = b.start(), b.start()
    b.write(one, x, 1, b.site(1))
    put = b.emit(one, Op.PUT, queue)
    b.emit(two, Op.GET, queue, link=put)
    b.write(two, x, 2, b.site(2))


def task_done_join(b: Builder, x: int) -> None:
    queue = b.object("Queue", "q")
    worker = b.start()
    put = b.emit(1, Op.PUT, queue)
    b.emit(worker, Op.GET, queue, link=put)
    b.write(worker, x, 1, b.site(1))
    done = b.emit(worker, Op.TASK_DONE, queue, value=0)
    b.emit(1, Op.JOIN, queue, link=done)
    b.read(1, x, 1, b.site(2))


def observed_ends(b: Builder, x: int) -> None:
    """Row 7 and 8: `while active_count() != 1: pass`."""
    workers = [b.start() for _ in range(3)]
    lock = b.object("Lock", "lock")
    for worker in workers:
        with b.locked(worker, lock):
            b.write(worker, x, worker, b.site(1))
        b.emit(1, Op.OBSERVE, 0, value=4)
        b.end(worker)
    b.emit(1, Op.OBSERVE, 0, value=1)
    b.read(1, x, 3, b.site(2))
    b.write(1, x, 0, b.site(3))


def not_alive(b: Builder, x: int) -> None:
    worker = b.start()
    b.write(worker, x, 1, b.site(1))
    b.end(worker)
    b.emit(1, Op.OBSERVE, b.thread_object(worker), value=False)
    b.read(1, x, 1, b.site(2))


def barrier(b: Builder, x: int) -> None:
    gate = b.object("Barrier", "gate")
    one, two = b.start(), b.start()
    b.write(one, x, 1, b.site(1))
    for thread in (one, two):
        b.emit(thread, Op.ARRIVE, gate, value=0)
    for thread in (two, one):
        b.emit(thread, Op.WAIT, gate, value=0)
    b.write(two, x, 2, b.site(2))


def binary_semaphore(b: Builder, x: int) -> None:
    semaphore = b.object("Semaphore", "s")
    released = 0
    for value in (1, 2):
        thread = b.start()
        b.emit(thread, Op.ACQUIRE, semaphore, link=released)
        b.read(thread, x, value - 1, 1)
        b.write(thread, x, value, b.site(1))
        released = b.emit(thread, Op.RELEASE, semaphore)


def notified(b: Builder, x: int) -> None:
    condition, lock = b.object("Condition", "c"), b.object("RLock", "l")
    one, two = b.start(), b.start()
    b.emit(two, Op.ACQUIRE, lock)
    b.emit(two, Op.REQUEST, condition, value="wait")
    b.emit(two, Op.RELEASE, lock)
    b.write(one, x, 1, b.site(1))
    with b.locked(one, lock):
        notify = b.emit(one, Op.NOTIFY, condition)
    b.emit(two, Op.ACQUIRE, lock)
    b.emit(two, Op.WAIT, condition, link=notify)
    b.emit(two, Op.RELEASE, lock)
    b.write(two, x, 2, b.site(2))


def double_checked(b: Builder, x: int) -> None:
    outer, inner = b.site(1, "x"), b.site(3, "x")
    act = b.site(4, "x = make()", guards=(outer, inner))
    lock = b.object("Lock", "lock")
    b.write(1, x, None, b.site(9))
    one, two, three = b.start(), b.start(), b.start()
    for thread in (one, two):
        b.read(thread, x, None, outer)
    with b.locked(one, lock):
        b.read(one, x, None, inner)
        b.write(one, x, Ref("Thing", 3), act)
    with b.locked(two, lock):
        b.read(two, x, Ref("Thing", 3), inner)
    b.read(three, x, Ref("Thing", 3), outer)


def appends(b: Builder, x: int) -> None:
    contents = b.contents(b.object("list", "results"))
    workers = [b.start() for _ in range(5)]
    for worker in workers:
        b.update(worker, contents, b.site(1, "results.append(i)"))
        b.end(worker)
    for worker in workers:
        b.join(worker)
    b.emit(1, Op.ITERATE, contents, site=b.site(2))


def distinct_keys(b: Builder, x: int) -> None:
    d = b.object("dict", "d")
    b.contents(d)
    for key in range(5):
        b.write(b.start(), b.item(d, key), key, b.site(1), STRUCTURAL)


def stop_flag(b: Builder, x: int) -> None:
    b.write(1, x, True, b.site(1))
    worker = b.start()
    b.read(worker, x, True, b.site(2))
    b.write(1, x, False, b.site(3))
    b.read(worker, x, False, b.site(2))


def handed_over_in_a_list(b: Builder, x: int) -> None:
    """One thread makes an object and appends it, another pops it."""
    box = b.contents(b.object("list", "box"))
    maker, user = b.start(), b.start()
    value = b.attribute(b.object("Thing", "thing", maker), "thing.value")
    b.write(maker, value, 1, b.site(1, function="Thing.__init__"))
    b.update(maker, box, b.site(2, "box.append(thing)"))
    b.update(user, box, b.site(3, "box.pop()"))
    b.read(user, value, 1, b.site(4))
    b.write(user, value, 2, b.site(5))


def handed_over_to_a_younger_thread(b: Builder, x: int) -> None:
    """The same, but the user was started after the object was made."""
    maker = b.start()
    value = b.attribute(b.object("Thing", "thing", maker), "thing.value")
    b.write(maker, value, 1, b.site(1, function="Thing.__init__"))
    user = b.start()
    b.read(user, value, 1, b.site(4))
    b.write(user, value, 2, b.site(5))


def guarded_snapshot(b: Builder, x: int) -> None:
    lock = b.object("Lock", "lock")
    one, two = b.start(), b.start()
    with b.locked(one, lock):
        b.write(one, x, 1, b.site(1))
    b.read(two, x, 1, b.site(2))


@pytest.mark.parametrize(
    "program",
    [
        start_join,
        event_publication,
        put_get,
        task_done_join,
        observed_ends,
        not_alive,
        barrier,
        binary_semaphore,
        notified,
        double_checked,
        appends,
        distinct_keys,
        stop_flag,
        handed_over_in_a_list,
        handed_over_to_a_younger_thread,
        guarded_snapshot,
    ],
)
def test_clean(program) -> None:  # type: ignore[no-untyped-def]
    b = Builder()
    program(b, b.global_("x"))
    assert find(b) == []


def unordered_initial_permits(b: Builder, x: int) -> None:
    semaphore = b.object("BoundedSemaphore", "s")
    for value in (1, 2):
        thread = b.start()
        b.emit(thread, Op.ACQUIRE, semaphore)
        b.write(thread, x, value, b.site(value))
        b.emit(thread, Op.RELEASE, semaphore)


def timed_out_join(b: Builder, x: int) -> None:
    worker = b.start()
    b.write(worker, x, 1, b.site(1))
    b.join(worker, outcome=Outcome.TIMED_OUT)
    b.write(1, x, 2, b.site(2))


def unrelated_puts(b: Builder, x: int) -> None:
    """The queue's own mutex is no synchronization of the program."""
    queue = b.object("Queue", "q")
    for value in (1, 2):
        thread = b.start()
        b.write(thread, x, value, b.site(value))
        b.emit(thread, Op.PUT, queue)


def first_seen_in_a_thread(b: Builder, x: int) -> None:
    """Who used a container first need not have made it."""
    one, two = b.start(), b.start()
    item = b.item(b.object("dict", "d", one), "k")
    b.write(one, item, 1, b.site(1))
    b.write(two, item, 2, b.site(2))


def size_is_no_order(b: Builder, x: int) -> None:
    queue = b.object("Queue", "q")
    worker = b.start()
    b.write(worker, x, 1, b.site(1))
    b.emit(worker, Op.PUT, queue)
    b.emit(1, Op.QSIZE, queue, value=1)
    b.write(1, x, 2, b.site(2))


@pytest.mark.parametrize(
    "program",
    [
        unordered_initial_permits,
        timed_out_join,
        unrelated_puts,
        size_is_no_order,
        first_seen_in_a_thread,
    ],
)
def test_race(program) -> None:  # type: ignore[no-untyped-def]
    b = Builder()
    program(b, b.global_("x"))
    assert [found.kind for found in find(b)] == ["data-race"]


def handed_over(pop: str, lock: bool = False, item: object = None) -> list[Finding]:
    """One thread fills a list and appends it to another, from which a second takes it."""
    b = Builder()
    rows, jobs = b.object("list", "rows"), b.object("list", "jobs")
    guard = b.object("Lock", "lock")
    inside, queue = b.contents(rows), b.contents(jobs)
    fill, put = b.site(3, "rows.append(1)"), b.site(4, "jobs.append(rows)")
    take, look = b.site(8, pop), b.site(9, "rows")
    maker, taker = b.start(), b.start()
    b.update(maker, inside, fill, value=1)
    with b.locked(maker, guard) if lock else nullcontext():
        b.update(maker, queue, put, value=Ref("list", rows))
    with b.locked(taker, guard) if lock else nullcontext():
        b.update(taker, queue, take, value=item or Ref("list", rows))
    b.emit(taker, Op.ITERATE, inside, site=look)
    return find(b)


@pytest.mark.parametrize("lock", [False, True])
@pytest.mark.parametrize("pop", ["jobs.pop()", "jobs.popleft()", "take()"])
def test_handed_over_through_a_list(pop: str, lock: bool) -> None:
    assert handed_over(pop, lock) == []


def test_another_item_tells_nothing_of_this_one() -> None:
    (found,) = handed_over("jobs.pop()", item=7)
    assert found.kind == "data-race"
    assert found.location is not None
    assert found.location.name == "rows[*]"
