"""Threads that wait for what only others of them could do, where the log ends or the run was told
to end; and how it is told why."""

from __future__ import annotations

from typing import Any

import pytest
from builder import Builder

from tracer import analysis
from tracer.events import NO_VALUE, Finding, Op, Outcome

SECOND = 10**9


class Run(Builder):
    """A run whose main thread has begun, and which was over after a second."""

    def __init__(self) -> None:
        super().__init__()
        self.main = self.emit(1, Op.BEGIN, self.object("Thread", "MainThread"))

    def helper(self, *, daemon: bool = False, worker: bool = False, internal: bool = False) -> int:
        """Start one more thread."""
        thread = self.start()
        self.threads[thread - 1] = (*self.threads[thread - 1][:4], daemon, internal)
        if worker:
            start = list(self.events[-2])
            start[6] = "worker"
            self.events[-2] = tuple(start)
        return thread

    def end_main(self, error: str = "") -> int:
        """The main thread ends, by an exception of that type if one is given."""
        value, outcome = (error, Outcome.RAISED) if error else (NO_VALUE, Outcome.OK)
        return self.emit(1, Op.END, 1, value=value, outcome=outcome)

    def wait(self, thread: int, object: int, word: str = "wait", **more: Any) -> int:
        line = 10 + thread
        return self.emit(thread, Op.REQUEST, object, site=self.site(line), value=word, **more)

    def hangs(self, over: int = SECOND, **header: object) -> list[Finding]:
        trace = self.trace()
        trace.header.update({"duration": over, **header})
        found = analysis.find(trace)
        assert all(one.kind == "deadlock" and one.status == "observed" for one in found)
        return found


def names(found: list[Finding]) -> list[str]:
    (hang,) = found
    assert hang.rule == "hang"
    return [thread.label for thread in hang.threads]


def test_all_threads_wait_for_what_nobody_does() -> None:
    b = Run()
    bell, helper = b.object("Event", "bell"), b.helper()
    b.wait(1, b.thread_object(helper), "join")
    b.wait(helper, bell)
    found = b.hangs()
    assert names(found) == ["MainThread", "Thread-1"]
    assert found[0].object is not None
    assert found[0].object.name == "bell"  # which the others depend on
    assert found[0].explanation.splitlines() == [
        "Hang: MainThread waits for the end of Thread-1 at race.py:11, since 0.0 s into the run;"
        " Thread-1 waits for bell at race.py:12, since 0.0 s into the run. None of them can go on.",
        "Nobody has set bell in this run.",
    ]
    assert b.hangs(over=SECOND // 10) == []  # they may be about to go on


def test_somebody_may_still_do_it() -> None:
    for how in ("runs", "sleeps", "waits for a time"):
        b = Run()
        bell, helper = b.object("Event", "bell"), b.helper(daemon=True)
        b.wait(1, bell)
        if how == "sleeps":
            b.emit(helper, Op.SLEEP, 0, value=0.5)
        elif how == "waits for a time":
            b.wait(helper, b.object("Event", "other"), outcome=Outcome.BOUNDED)
        assert b.hangs() == [], how


def test_the_holder_of_the_lock_decides_whoever_else_runs() -> None:
    b = Run()
    lock, bell = b.object("RLock", "lock"), b.object("Event", "bell")
    holder, other = b.helper(), b.helper()
    b.emit(holder, Op.ACQUIRE, lock, site=b.site(5))
    b.wait(1, lock, "acquire")
    assert b.hangs() == []
    b.wait(holder, bell)
    assert b.hangs() == []  # `other` may set it
    b.end(other)
    found = b.hangs()
    assert names(found) == ["MainThread", "Thread-1"]
    assert "Thread-1 waits for bell at race.py:12 holding lock (taken at race.py:5)" in (
        found[0].explanation
    )
    assert "Thread-1 holds lock, which it took at race.py:5, and waits itself." in (
        found[0].explanation
    )


def test_the_lock_of_a_dead_thread() -> None:
    b = Run()
    lock, holder = b.object("Lock", "lock"), b.helper()
    b.emit(holder, Op.ACQUIRE, lock, site=b.site(5))
    b.emit(
        holder,
        Op.END,
        b.thread_object(holder),
        site=b.site(6),
        value="KeyError",
        outcome=Outcome.RAISED,
    )
    b.wait(1, lock, "acquire")
    (hang,) = b.hangs()
    assert "took at race.py:5, and has died of KeyError at race.py:6." in hang.explanation
    assert "with lock:" in hang.advice
    b.helper(daemon=True)  # a Lock may be released by any thread
    assert b.hangs() == []


def test_who_waits_for_a_condition_holds_nothing_of_it() -> None:
    b = Run()
    condition, lock = b.object("Condition", "cond"), b.object("RLock", "cond")
    b.emit(1, Op.ACQUIRE, lock)
    b.wait(1, condition)
    b.emit(1, Op.RELEASE, lock)
    (hang,) = b.hangs()
    assert hang.locks == ((),)
    assert "holding" not in hang.explanation


def test_daemon_threads_and_idle_workers_may_wait() -> None:
    b = Run()
    queue = b.object("Queue", "jobs")
    b.wait(b.helper(daemon=True), queue, "get")
    b.end_main()
    assert b.hangs() == []
    b = Run()
    b.helper(worker=True)
    b.wait(1, b.object("Event", "bell"))
    assert names(b.hangs()) == ["MainThread"]


def test_a_thread_that_is_left_after_the_main_one() -> None:
    b = Run()
    b.wait(b.helper(), b.object("Queue", "jobs"), "get")
    b.end_main()
    assert names(b.hangs()) == ["Thread-1"]


def test_what_a_thread_waits_for_after_its_end() -> None:
    b = Run()
    feeder = b.helper(daemon=True, internal=True)
    b.end_main()
    b.wait(1, b.thread_object(feeder), "join")  # at exit
    found = b.hangs()
    assert names(found) == ["MainThread"]
    assert "MainThread waits for the end of a thread of the standard library" in (
        found[0].explanation
    )
    b.emit(1, Op.JOIN, b.thread_object(feeder))
    assert b.hangs() == []


def test_those_that_wait_alike_are_told_as_one_whenever_they_came() -> None:
    b = Run()
    bell = b.object("Event", "bell")
    helpers = [b.helper(), b.helper()]
    b.end_main()
    for helper, seconds in zip(helpers, (0.3, 0.6), strict=True):
        b.emit(helper, Op.REQUEST, bell, site=b.site(9), value="wait")
        later(b, seconds)
    (found,) = b.hangs()
    assert found.explanation.splitlines()[0] == (
        "Hang: Thread-1 and Thread-2 wait for bell at race.py:9, since 0.3 to 0.6 s into the run."
        " None of them can go on."
    )


def test_a_task_waits_for_another_one_that_no_thread_is_free_for() -> None:
    b = Run()
    outer, inner, worker = b.object("Future", "outer"), b.object("Future", "inner"), 0
    b.emit(1, Op.SUBMIT, outer, value="f")
    worker = b.helper(worker=True)
    b.emit(worker, Op.RUN, outer)
    b.wait(1, outer, "result")
    b.emit(worker, Op.SUBMIT, inner, value="g")
    assert b.hangs() == []  # it is at work
    b.wait(worker, inner, "result")
    (hang,) = b.hangs()
    assert "The task f, given, was begun by Thread-1, which waits itself." in hang.explanation
    assert "The task g, given, was not begun" in hang.explanation


def stopped(b: Run, seq: int, *, timeout: float | None = 1.0) -> list[Finding]:
    return b.hangs(stopped={"signals": [2], "seq": seq}, timeout=timeout)


def later(b: Run, seconds: float) -> None:
    """The last event came so much later."""
    row = list(b.events[-1])
    row[1] = int(seconds * SECOND)
    b.events[-1] = tuple(row)


@pytest.mark.parametrize("raised", [True, False])
def test_what_waited_when_the_run_was_told_to_end(raised: bool) -> None:
    b = Run()
    bell = b.object("Event", "bell")
    b.wait(1, bell)
    stop = b.emit(1, Op.WAIT, bell, outcome=Outcome.INTERRUPTED)
    later(b, 0.9)
    b.end_main("KeyboardInterrupt" if raised else "")
    later(b, 0.9)
    assert b.hangs() == []
    # Who goes on well, and ends, was only waiting to be told.
    assert len(stopped(b, stop)) == raised
    # The supervisor hears of Ctrl-C after the program.
    assert len(stopped(b, stop + 1, timeout=None)) == raised
    assert stopped(b, stop + 1) == []


def test_who_joins_a_thread_that_hangs_may_catch_the_interruption() -> None:
    b = Run()
    helper = b.helper()
    b.wait(helper, b.object("Queue", "jobs"), "get")
    b.wait(1, b.thread_object(helper), "join")
    stop = b.join(helper, outcome=Outcome.INTERRUPTED)
    later(b, 0.9)
    b.end_main()
    later(b, 0.9)
    assert names(stopped(b, stop)) == ["MainThread", "Thread-1"]


def test_a_circle_is_told_as_one_and_not_who_waits_for_it() -> None:
    b = Run()
    a, z = b.object("RLock", "a"), b.object("RLock", "z")
    one, two = b.helper(), b.helper()
    b.emit(one, Op.ACQUIRE, a)
    b.emit(two, Op.ACQUIRE, z)
    b.wait(one, z, "acquire")
    b.wait(two, a, "acquire")
    b.wait(1, b.thread_object(one), "join")
    (circle,) = b.hangs()
    assert circle.rule == "circle"
    assert {thread.id for thread in circle.threads} == {one, two}


def test_who_could_have_ended_the_wait_is_told() -> None:
    b = Run()
    bell, helper = b.object("Event", "bell"), b.helper()
    b.emit(helper, Op.SET, bell, site=b.site(3))
    b.emit(1, Op.CLEAR, bell, site=b.site(4))
    b.end(helper)
    b.wait(1, bell)
    (hang,) = b.hangs()
    assert (
        "Thread-1 set bell last at race.py:3, before that wait, and has ended; MainThread cleared"
        " it after that at race.py:4." in hang.explanation
    )
    assert "clear()" in hang.advice


def test_the_items_of_a_queue_that_are_not_done() -> None:
    b = Run()
    jobs, worker = b.object("Queue", "jobs"), b.helper(daemon=True)
    for _ in range(3):
        b.emit(1, Op.PUT, jobs)
        b.emit(worker, Op.GET, jobs, site=b.site(7))
    b.emit(worker, Op.TASK_DONE, jobs)
    b.wait(worker, jobs, "get")
    b.wait(1, jobs, "join")
    (hang,) = b.hangs()
    assert "3 items were put into jobs, and task_done() was called once." in hang.explanation
    assert (
        "Thread-1 took 3, the last at race.py:7, and task_done() was called once; it waits itself."
        in (hang.explanation)
    )
