"""What was going on when the log ended, and threads that wait for each other."""

from __future__ import annotations

import pytest
from builder import Builder

from tracer import analysis
from tracer.events import Op, Outcome


def test_waits_locks_and_threads() -> None:
    b = Builder()
    event, lock = b.object("Event", "bell"), b.object("RLock", "lock")
    waiter, holder, daemon, done = (b.start() for _ in range(4))
    wait = b.emit(waiter, Op.REQUEST, event, value="wait")
    held = b.emit(holder, Op.ACQUIRE, lock)
    b.emit(holder, Op.ACQUIRE, lock)
    b.emit(holder, Op.RELEASE, lock)
    b.end(holder)
    b.emit(done, Op.REQUEST, event, value="wait", outcome=Outcome.BOUNDED)
    b.emit(done, Op.WAIT, event, value=False, outcome=Outcome.TIMED_OUT)
    b.end(done)
    trace = b.trace()
    rows = analysis.unfinished(trace)
    assert [(r.thread.id, r.object and r.object.name, r.since, r.what) for r in rows] == [
        (waiter, "bell", wait, "waiting"),
        (holder, "lock", held, "held"),
        (daemon, None, 6, "running"),
    ]
    assert (
        rows[0].describe(trace.events.at(wait)).startswith("Thread-1 still waits in wait on bell")
    )


def test_waits_for_messages_and_results_end() -> None:
    b = Builder()
    conn, future = b.object("Connection", "conn"), b.object("Future", "future")
    thread, other = b.start(), b.start()
    for wait, end in (("recv", Op.RECV), ("poll", Op.POLL)):
        b.emit(thread, Op.REQUEST, conn, value=wait)
        b.emit(thread, end, conn)
    b.emit(thread, Op.REQUEST, future, value="result")
    b.emit(thread, Op.RESULT, future)
    b.emit(thread, Op.REQUEST, 0, value="wait")
    b.emit(thread, Op.WAIT, future)
    stuck = b.emit(other, Op.REQUEST, conn, value="recv")
    rows = analysis.unfinished(b.trace())
    assert [(r.thread.id, r.since, r.what) for r in rows] == [
        (thread, 2, "running"),
        (other, stuck, "waiting"),
    ]


def test_a_circle_of_locks() -> None:
    b = Builder()
    a, z = b.object("Lock", "a"), b.object("Lock", "z")
    one, two = b.start(), b.start()
    b.emit(one, Op.ACQUIRE, a)
    b.emit(two, Op.ACQUIRE, z)
    b.emit(one, Op.REQUEST, z, site=b.site(5), value="acquire")
    b.emit(two, Op.REQUEST, a, site=b.site(9), value="acquire")
    (found,) = analysis.find(b.trace())
    assert (found.kind, found.status) == ("deadlock", "observed")
    assert found.explanation == (
        "Deadlock: Thread-1 waits for z at race.py:5 holding a; Thread-2 waits for a at race.py:9 "
        "holding z. None of them can go on."
    )


def circle(b: Builder) -> tuple[int, int, int, int]:
    """Two threads that wait for each other's locks: the threads and the locks."""
    a, z = b.object("Lock", "a"), b.object("Lock", "z")
    one, two = b.start(), b.start()
    b.emit(one, Op.ACQUIRE, a)
    b.emit(two, Op.ACQUIRE, z)
    b.emit(two, Op.REQUEST, a, site=b.site(9), value="acquire")
    b.emit(one, Op.REQUEST, z, site=b.site(5), value="acquire")
    return one, two, a, z


def test_a_signal_breaks_the_circle_and_all_go_on() -> None:
    b = Builder()
    one, two, a, z = circle(b)
    for _ in range(2):  # it is told once
        b.emit(one, Op.ACQUIRE, z, outcome=Outcome.INTERRUPTED)
        b.emit(one, Op.REQUEST, z, site=b.site(6), value="acquire")
    b.emit(one, Op.ACQUIRE, z, outcome=Outcome.RAISED)
    b.emit(one, Op.RELEASE, a)
    b.emit(two, Op.ACQUIRE, a)
    b.emit(two, Op.RELEASE, a)
    b.emit(two, Op.RELEASE, z)
    b.end(one)
    b.end(two)
    (found,) = analysis.find(b.trace())
    assert found.explanation == (
        "Deadlock: Thread-2 waits for a at race.py:9 holding z; Thread-1 waits for z at race.py:5 "
        "holding a. None of them can go on."
    )


def test_a_wait_that_a_signal_ends_is_no_circle() -> None:
    b = Builder()
    a = b.object("Lock", "a")
    one, two = b.start(), b.start()
    b.emit(one, Op.ACQUIRE, a)
    b.emit(two, Op.REQUEST, a, value="acquire")
    b.emit(two, Op.ACQUIRE, a, outcome=Outcome.INTERRUPTED)
    b.emit(1, Op.REQUEST, b.thread_object(one), value="join")
    b.emit(1, Op.JOIN, b.thread_object(one), outcome=Outcome.INTERRUPTED)
    assert analysis.find(b.trace()) == []


def test_locks_that_another_thread_releases_make_no_circle() -> None:
    """Each waits until the other says that it may go on."""
    b = Builder()
    one, two, a, z = circle(b)
    b.emit(one, Op.ACQUIRE, z, outcome=Outcome.INTERRUPTED)
    b.emit(1, Op.RELEASE, a)
    b.emit(two, Op.ACQUIRE, a)
    assert analysis.find(b.trace()) == []


@pytest.mark.parametrize("alone", [True, False])
def test_a_thread_waits_for_a_lock_that_it_holds_until_a_signal_comes(alone: bool) -> None:
    b = Builder()
    lock, other = b.object("Lock", "lock"), b.start()
    if alone:
        b.end(other)
    b.emit(1, Op.ACQUIRE, lock)
    b.emit(1, Op.REQUEST, lock, site=b.site(5), value="acquire")
    b.emit(1, Op.ACQUIRE, lock, outcome=Outcome.INTERRUPTED)
    found = analysis.find(b.trace())
    # Another thread might have released it.
    assert [finding.kind for finding in found] == (["deadlock"] if alone else [])


def test_a_thread_of_the_circle_is_killed() -> None:
    b = Builder()
    one, _, _, _ = circle(b)
    b.emit(1, Op.REQUEST, b.thread_object(one), value="join")
    b.emit(1, Op.JOIN, b.thread_object(one), value=-15)
    (found,) = analysis.find(b.trace())
    assert found.kind == "deadlock"


def test_who_is_dead_waits_for_nothing() -> None:
    b = Builder()
    a, z = b.object("Lock", "a"), b.object("Lock", "z")
    one, two = b.start(), b.start()
    b.emit(two, Op.ACQUIRE, z)
    b.emit(one, Op.ACQUIRE, a)
    b.emit(one, Op.REQUEST, z, value="acquire")
    b.emit(1, Op.JOIN, b.thread_object(one), value=-9)
    b.emit(two, Op.REQUEST, a, value="acquire")
    assert analysis.find(b.trace()) == []


def test_a_holder_waits_for_the_end_of_who_wants_its_lock() -> None:
    b = Builder()
    lock = b.object("Lock", "lock")
    main, worker = 1, b.start()
    b.emit(main, Op.ACQUIRE, lock)
    b.emit(worker, Op.REQUEST, lock, site=b.site(5), value="acquire")
    b.emit(main, Op.REQUEST, b.thread_object(worker), site=b.site(9), value="join")
    (found,) = analysis.find(b.trace())
    assert found.kind == "deadlock"
    assert "MainThread waits for the end of Thread-1 at race.py:9 holding lock" in found.explanation
    assert "Thread-1 waits for lock at race.py:5" in found.explanation


def test_all_wait_for_ever_and_the_run_was_ended_for_it() -> None:
    b = Builder()
    bell, done = b.object("Event", "bell"), b.start()
    b.end(done)
    waiter = b.start()
    b.emit(waiter, Op.REQUEST, bell, site=b.site(5), value="wait")
    b.emit(1, Op.REQUEST, bell, site=b.site(9), value="wait")
    trace = b.trace()
    assert analysis.find(trace) == []
    trace.header["control"] = {"deadlock": 1}
    (found,) = analysis.find(trace)
    assert (found.kind, found.status) == ("deadlock", "observed")
    assert [thread.id for thread in found.threads] == [1, waiter]
    assert found.rule == "hang"


def test_a_wait_with_a_timeout_is_no_deadlock() -> None:
    b = Builder()
    a, z = b.object("Lock", "a"), b.object("Lock", "z")
    one, two = b.start(), b.start()
    b.emit(one, Op.ACQUIRE, a)
    b.emit(two, Op.ACQUIRE, z)
    b.emit(one, Op.REQUEST, z, value="acquire", outcome=Outcome.BOUNDED)
    b.emit(two, Op.REQUEST, a, value="acquire")
    assert analysis.find(b.trace()) == []
