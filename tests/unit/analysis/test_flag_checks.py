"""Check-then-act on events: is_set() tested before a set() or clear()."""

from __future__ import annotations

import pytest
from builder import Builder

from tracer.events import Finding, Op


class Once:
    """`if not event.is_set(): event.set(); print(1)`, or the same with clear()."""

    def __init__(self, *, act: Op = Op.SET, alone: bool = False) -> None:
        self.b = b = Builder()
        self.op, self.seen = act, act is Op.CLEAR
        self.event = b.object("Event", "event")
        self.lock = b.object("Lock", "lock")
        self.check = b.site(3, "event.is_set()")
        self.act = b.site(4, f"event.{act.label}()", guards=(self.check,))
        self.rest = 0 if alone else b.site(5, "print(1)", guards=(self.check,))
        self.unguarded = b.site(9, f"event.{act.label}()")

    def look(self, thread: int, value: bool | None = None) -> int:
        seen = self.seen if value is None else value
        return self.b.emit(thread, Op.IS_SET, self.event, site=self.check, value=seen)

    def do(self, thread: int, site: int | None = None) -> int:
        done = self.b.emit(thread, self.op, self.event, site=site or self.act)
        if self.rest and not site:
            self.b.emit(thread, Op.OUTPUT, site=self.rest)
        return done

    def both(self, thread: int) -> None:
        self.look(thread)
        self.do(thread)

    def found(self) -> list[Finding]:
        return self.b.trace().findings()


@pytest.mark.parametrize("act", [Op.SET, Op.CLEAR])
def test_both_saw_the_same(act: Op) -> None:
    w = Once(act=act)
    one, two = w.b.start(), w.b.start()
    first = w.look(one)
    w.look(two)
    between, last = w.do(two), w.do(one)
    (found,) = w.found()
    assert (found.kind, found.status) == ("atomicity-violation", "observed")
    assert found.events == (first, between, last)
    assert found.object is not None
    assert found.object.name == "event"
    word = "set" if act is Op.CLEAR else "not set"
    assert f"Thread-1 saw that it was {word} at race.py:3" in found.explanation
    assert f"called {act.label}() at race.py:4, but in between Thread-2" in found.explanation


@pytest.mark.parametrize("act", [Op.SET, Op.CLEAR])
def test_the_second_came_late(act: Op) -> None:
    w = Once(act=act)
    one, two = w.b.start(), w.b.start()
    first = w.look(one)
    done = w.do(one)
    late = w.look(two, not w.seen)
    (found,) = w.found()
    assert (found.kind, found.status) == ("atomicity-violation", "predicted")
    assert found.witness == (late, first, done)
    assert "Nothing keeps Thread-2 from asking" in found.explanation


def test_a_lock_around_the_look_only_is_not_enough() -> None:
    w = Once()
    for value in (False, True):
        thread = w.b.start()
        with w.b.locked(thread, w.lock):
            w.look(thread, value)
        if not value:
            with w.b.locked(thread, w.lock):
                w.do(thread)
    (found,) = w.found()
    assert found.status == "predicted"


def test_three_threads_are_one_finding() -> None:
    w = Once()
    threads = [w.b.start() for _ in range(3)]
    for thread in threads:
        w.look(thread)
    for thread in threads:
        w.do(thread)
    (found,) = w.found()
    assert (found.status, found.count, len(found.threads)) == ("observed", 2, 3)


def under_one_lock(w: Once) -> None:
    for value in (False, True):
        thread = w.b.start()
        with w.b.locked(thread, w.lock):
            w.look(thread, value)
            if not value:
                w.do(thread)


def one_after_the_other(w: Once) -> None:
    one = w.b.start()
    w.both(one)
    w.b.end(one)
    w.b.join(one)
    w.look(w.b.start(), True)


def by_one_thread_alone(w: Once) -> None:
    one = w.b.start()
    w.both(one)
    w.look(one, True)


def by_one_thread_while_another_sets_without_asking(w: Once) -> None:
    one, two = w.b.start(), w.b.start()
    w.look(one)
    w.do(two, w.unguarded)
    w.do(one)


def by_none(w: Once) -> None:
    one, two = w.b.start(), w.b.start()
    w.look(one)
    w.look(two)
    w.do(1, w.unguarded)
    w.look(one, True)


def after_a_look_that_said_so_already(w: Once) -> None:
    one, two = w.b.start(), w.b.start()
    w.do(1, w.unguarded)
    for thread in (one, two):
        w.look(thread, True)
        w.do(thread)


@pytest.mark.parametrize(
    "program",
    [
        under_one_lock,
        one_after_the_other,
        by_one_thread_alone,
        by_one_thread_while_another_sets_without_asking,
        by_none,
        after_a_look_that_said_so_already,
    ],
)
def test_nothing_goes_wrong(program: object) -> None:
    w = Once()
    assert callable(program)
    program(w)
    assert w.found() == []


def test_where_nothing_rests_on_it_both_may_set_it() -> None:
    w = Once(alone=True)
    one, two = w.b.start(), w.b.start()
    w.look(one)
    w.look(two)
    w.do(one)
    w.do(two)
    assert w.found() == []
