"""What a thread got in time, and would have gone on without, is no order and no lock."""

from __future__ import annotations

import pytest
from builder import Builder

from tracer import analysis
from tracer.events import Op


class Code:
    """A function that makes one call that may end in vain, and then adds one to a global: whatever
    came of the call, or only if it got what it was for."""

    def __init__(self, b: Builder, text: str, *, rests: bool) -> None:
        # The sites' numbers are known: the call's is that of the access plus one.
        guards = (2,) if rests else ()
        self.access = b.site(8, "n += 1", guards=guards)
        self.call = b.site(7, text, regardless=(self.access,))
        assert (self.access, self.call) == (1, 2)


RESTS = pytest.mark.parametrize("rests", [True, False])


def found(b: Builder, rests: bool) -> None:
    findings = analysis.find(b.trace())
    assert [(one.kind, one.status) for one in findings] == (
        [] if rests else [("lost-update", "predicted")]
    )
    for one in findings:
        assert "at race.py:7 got what it was for in time" in one.explanation


@RESTS
def test_a_lock(rests: bool) -> None:
    b = Builder()
    code = Code(b, "lock.acquire(timeout=1)", rests=rests)
    n, lock = b.global_("n"), b.object("Lock", "lock")
    threads = [b.start() for _ in range(2)]
    for number, thread in enumerate(threads, 1):
        b.emit(thread, Op.ACQUIRE, lock, site=code.call)
        b.add(thread, n, number, code.access, code.access)
        b.emit(thread, Op.RELEASE, lock)
    found(b, rests)
    for one in analysis.find(b.trace()):
        assert [len(held) for held in one.locks] == [1] * len(one.locks)  # it was held all the same


@RESTS
@pytest.mark.parametrize("op", [Op.GET, Op.WAIT, Op.JOIN])
def test_a_message_a_signal_an_end(op: Op, rests: bool) -> None:
    b = Builder()
    code = Code(b, "thread.join(1)", rests=rests)
    n, plain = b.global_("n"), b.site(12, "n += 1", function="g")
    first, second = b.start(), b.start()
    b.add(first, n, 1, plain, plain)
    if op is Op.JOIN:
        b.end(first)
        b.emit(second, op, b.thread_object(first), site=code.call)
    else:
        other = b.object("Event" if op is Op.WAIT else "Queue", "o")
        sent = b.emit(first, Op.SET if op is Op.WAIT else Op.PUT, other)
        b.emit(second, op, other, link=sent, site=code.call)
    b.add(second, n, 2, code.access, code.access)
    found(b, rests)


def test_what_came_after_for_certain() -> None:
    """The thread is joined for good before the access."""
    b = Builder()
    code = Code(b, "thread.join(1)", rests=False)
    n, plain = b.global_("n"), b.site(12, "n += 1", function="g")
    first = b.start()
    b.add(first, n, 1, plain, plain)
    b.end(first)
    b.emit(1, Op.JOIN, b.thread_object(first), site=code.call)
    b.emit(1, Op.JOIN, b.thread_object(first), site=b.site(7, "thread.join()"))
    b.add(1, n, 2, code.access, code.access)
    assert analysis.find(b.trace()) == []


def test_another_function() -> None:
    """What is done elsewhere may rest on it."""
    b = Builder()
    code = Code(b, "thread.join(1)", rests=False)
    n, plain = b.global_("n"), b.site(12, "n += 1", function="g")
    first = b.start()
    b.add(first, n, 1, plain, plain)
    b.end(first)
    b.emit(1, Op.JOIN, b.thread_object(first), site=code.call)
    b.add(1, n, 2, plain, plain)
    assert analysis.find(b.trace()) == []


def test_a_barrier_lets_nobody_past_alone() -> None:
    b = Builder()
    code = Code(b, "barrier.wait(1)", rests=False)
    n, barrier = b.global_("n"), b.object("Barrier", "barrier")
    plain = b.site(12, "n += 1", function="g")
    first, second = b.start(), b.start()
    b.add(first, n, 1, plain, plain)
    for thread in (first, second):
        b.emit(thread, Op.ARRIVE, barrier, value=1)
    for thread in (first, second):
        b.emit(thread, Op.WAIT, barrier, value=1, site=code.call)
    b.add(second, n, 2, code.access, code.access)
    assert analysis.find(b.trace()) == []


def test_who_is_told_after_it_is_told_no_more_than_is_certain() -> None:
    b = Builder()
    code = Code(b, "thread.join(1)", rests=False)
    n, plain = b.global_("n"), b.site(12, "n += 1", function="g")
    ready, told = b.object("Event", "ready"), b.site(9, "ready.set()")
    first, second = b.start(), b.start()
    b.add(first, n, 1, plain, plain)
    b.end(first)
    b.emit(1, Op.JOIN, b.thread_object(first), site=code.call)
    sent = b.emit(1, Op.SET, ready, site=told)
    b.emit(second, Op.WAIT, ready, link=sent)
    b.add(second, n, 2, plain, plain)
    assert analysis.find(b.trace()) == []  # the set is not known to be made regardless
