"""Check-then-act on locks, semaphores, barriers and futures."""

from __future__ import annotations

from builder import Builder

from tracer.events import Finding, LocationKind, Op


class Asked:
    """`if not lock.locked(): lock.acquire()`, or its like."""

    def __init__(self, kind: str = "Lock", act: Op = Op.ACQUIRE, text: str = ".acquire()") -> None:
        self.b = b = Builder()
        self.kind, self.op = kind, act
        self.object = b.object(kind, "thing")
        self.guard = b.object("Lock", "guard")
        self.check = b.site(3, "thing.locked()")
        self.act = b.site(4, f"thing{text}", guards=(self.check,))
        self.end = b.site(5, "thing.release()")

    def look(self, thread: int, value: object, op: Op = Op.LOOK) -> int:
        return self.b.emit(thread, op, self.object, site=self.check, value=value)

    def do(self, thread: int) -> int:
        return self.b.emit(thread, self.op, self.object, site=self.act)

    def release(self, thread: int) -> int:
        return self.b.emit(thread, Op.RELEASE, self.object, site=self.end)

    def use(self, thread: int) -> None:
        self.look(thread, False)
        self.do(thread)
        self.release(thread)

    def found(self) -> list[Finding]:
        return self.b.trace().findings()


def test_another_takes_the_lock_after_the_look() -> None:
    w = Asked()
    one, two = w.b.start(), w.b.start()
    look = w.look(one, False)
    w.look(two, False)
    between = w.do(two)
    w.release(two)
    last = w.do(one)
    (found,) = w.found()
    assert (found.kind, found.status) == ("atomicity-violation", "observed")
    assert found.events == (look, between, last)
    assert "Thread-1 saw that it was free at race.py:3" in found.explanation
    assert "in between Thread-2 acquires it at race.py:4" in found.explanation


def test_another_could_have_taken_it() -> None:
    w = Asked()
    for thread in (w.b.start(), w.b.start()):
        w.use(thread)
    (found,) = w.found()
    assert found.status == "predicted"
    assert "nothing keeps Thread-2, which acquires it" in found.explanation


def test_another_that_came_late_would_have_done_the_same() -> None:
    w = Asked()
    one, two = w.b.start(), w.b.start()
    w.look(one, False)
    w.do(one)
    w.look(two, True)
    w.release(one)
    (found,) = w.found()
    assert found.status == "predicted"
    assert "nothing keeps Thread-2 from asking at race.py:3" in found.explanation


def test_one_after_the_other_is_clean() -> None:
    w = Asked()
    for _ in range(2):
        thread = w.b.start()
        w.use(thread)
        w.b.end(thread)
        w.b.join(thread)
    assert w.found() == []


def test_under_one_lock_is_clean() -> None:
    w = Asked()
    for thread in (w.b.start(), w.b.start()):
        with w.b.locked(thread, w.guard):
            w.look(thread, False)
            w.do(thread)
        w.release(thread)
    assert w.found() == []


def test_a_try_is_a_test_itself() -> None:
    w = Asked(text=".acquire(blocking=False)")
    for thread in (w.b.start(), w.b.start()):
        w.use(thread)
    assert w.found() == []


def test_the_holder_asks_for_its_own_lock() -> None:
    w = Asked(act=Op.RELEASE, text=".release()")
    for thread in (w.b.start(), w.b.start()):
        w.b.emit(thread, Op.ACQUIRE, w.object, site=w.end)
        w.look(thread, True)
        w.do(thread)
    assert w.found() == []


def test_two_release_what_both_saw_locked() -> None:
    w = Asked(act=Op.RELEASE, text=".release()")
    w.b.emit(1, Op.ACQUIRE, w.object, site=w.end)
    one, two = w.b.start(), w.b.start()
    w.look(one, True)
    w.do(one)
    w.look(two, False)
    (found,) = w.found()
    assert "Thread-1 saw that it was held" in found.explanation


def test_as_many_permits_as_threads_are_enough() -> None:
    for permits, wrong in ((1, True), (2, False)):
        w = Asked("Semaphore")
        value = w.b.attribute(w.object, "_value")
        for thread in (w.b.start(), w.b.start()):
            w.b.read(thread, value, permits, w.check)
            w.do(thread)
            w.release(thread)
        assert bool(w.found()) is wrong


def test_a_permit_that_is_out_at_the_look_is_not_counted_twice() -> None:
    w = Asked("Semaphore")
    value = w.b.attribute(w.object, "_value")
    one, two = w.b.start(), w.b.start()
    w.b.read(one, value, 2, w.check)
    w.do(one)
    w.b.read(two, value, 1, w.check)
    w.do(two)
    w.release(one)
    w.release(two)
    assert w.found() == []


def test_only_the_value_of_a_semaphore_is_its_value() -> None:
    w = Asked("Thing")
    value = w.b.attribute(w.object, "_value")
    assert w.b.locations[value - 1][0] is LocationKind.ATTRIBUTE
    for thread in (w.b.start(), w.b.start()):
        w.b.read(thread, value, 1, w.check)
        w.do(thread)
    assert w.found() == []


def test_two_that_find_a_future_open() -> None:
    w = Asked("Future", Op.FINISH, ".set_result(1)")
    one, two = w.b.start(), w.b.start()
    w.look(one, False, Op.POLL)
    w.look(two, False, Op.POLL)
    w.do(one)
    (found,) = w.found()
    assert found.status == "observed"
    assert "The second to finish it fails." in found.explanation


def test_an_arrival_before_the_reset_of_a_barrier() -> None:
    w = Asked("Barrier", Op.RESET, ".reset()")
    one, two = w.b.start(), w.b.start()
    w.look(one, 0)
    w.do(one)
    w.b.emit(two, Op.ARRIVE, w.object, site=w.end, value=0)
    (found,) = w.found()
    assert (found.status, found.rule) == ("predicted", "look-barrier")
