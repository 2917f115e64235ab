"""Check-then-act on queues: who takes, and who may find nothing to take."""

from __future__ import annotations

from pathlib import Path

import pytest
from builder import Builder

from tracer import analysis
from tracer.events import Finding, Op, Outcome


def find(b: Builder) -> list[Finding]:
    return analysis.find(b.trace())


class Queue:
    """`while q.qsize() > 0: q.get()`."""

    def __init__(self, b: Builder, get: str = "q.get()") -> None:
        self.b, self.queue = b, b.object("Queue", "q")
        self.check_site = b.site(20, "q.qsize()")
        self.get_site = b.site(21, get, guards=(self.check_site,))
        self.put_site = b.site(10, "q.put(i)")
        self.puts: list[int] = []

    def put(self, thread: int) -> None:
        self.puts.append(self.b.emit(thread, Op.PUT, self.queue, site=self.put_site))

    def check(self, thread: int) -> int:
        size = len(self.puts)
        return self.b.emit(thread, Op.QSIZE, self.queue, site=self.check_site, value=size)

    def get(self, thread: int, outcome: Outcome = Outcome.OK) -> int:
        link = self.puts.pop(0)
        return self.b.emit(
            thread, Op.GET, self.queue, site=self.get_site, link=link, outcome=outcome
        )


def test_consumer_may_leave_before_the_producer_puts() -> None:
    """Row 13, as it goes well."""
    b = Builder()
    q = Queue(b)
    producer, consumer = b.start(), b.start()
    for _ in range(10):
        q.put(producer)
    while q.check(consumer) and q.puts:
        q.get(consumer)
        done = b.emit(consumer, Op.TASK_DONE, q.queue, value=len(q.puts))
    b.emit(producer, Op.JOIN, q.queue, link=done)
    (found,) = find(b)
    assert (found.kind, found.status) == ("atomicity-violation", "predicted")
    assert found.object is not None
    assert found.object.name == "q"
    assert "waits forever" in found.explanation


def test_consumer_left_before_the_producer_put() -> None:
    """Row 13, as it goes badly."""
    b = Builder()
    q = Queue(b)
    producer, consumer = b.start(), b.start()
    q.check(consumer)
    q.put(producer)
    (found,) = find(b)
    assert (found.kind, found.status) == ("atomicity-violation", "observed")


def test_consumer_that_polls() -> None:
    b = Builder()
    q = Queue(b)
    producer, consumer = b.start(), b.start()
    q.check(consumer)
    q.put(producer)
    q.check(consumer)
    q.get(consumer)
    assert find(b) == []


def test_draining_what_was_put_before_the_start() -> None:
    b = Builder()
    q = Queue(b)
    for _ in range(3):
        q.put(1)
    consumer = b.start()
    while q.check(consumer) and q.puts:
        q.get(consumer)
    assert find(b) == []


def drain(q: Queue, *consumers: int) -> None:
    """One after the other, each until it finds nothing."""
    for consumer in consumers:
        while q.check(consumer) and q.puts:
            q.get(consumer)


def test_two_consumers_of_one_item() -> None:
    b = Builder()
    q = Queue(b)
    q.put(1)
    one, two = b.start(), b.start()
    checks = q.check(one), q.check(two)
    get = q.get(one)
    request = b.emit(two, Op.REQUEST, q.queue, site=q.get_site, value="get")
    (found,) = find(b)
    assert (found.kind, found.status, found.count) == ("atomicity-violation", "observed", 1)
    assert found.rule == "queue-get"
    assert found.events == (checks[1], get, request)
    assert found.explanation == (
        "Check-then-act on `q`: Thread-2 asked qsize() at race.py:20 and called get at race.py:21, "
        "but in between Thread-1 called get at race.py:21: the item that it saw was gone, and it "
        "had to wait."
    )


def test_two_consumers_that_take_turns_well() -> None:
    """Both went through the loop, and it happened to go well."""
    b = Builder()
    q = Queue(b)
    for _ in range(3):
        q.put(1)
    one, two = b.start(), b.start()
    for thread in (one, two, one):
        q.check(thread)
        q.get(thread)
    q.check(two)
    q.check(one)
    (found,) = find(b)
    assert (found.kind, found.status) == ("atomicity-violation", "predicted")
    assert found.witness is not None


def test_the_second_consumer_came_when_all_was_gone() -> None:
    b = Builder()
    q = Queue(b)
    q.put(1)
    q.put(1)
    drain(q, b.start(), b.start())
    (found,) = find(b)
    assert (found.kind, found.status) == ("atomicity-violation", "predicted")
    assert found.witness is not None
    assert "keeps Thread-2 from asking" in found.explanation


def test_an_item_for_each_consumer() -> None:
    """`if q.qsize() > 0: q.get()` once in each thread: there is enough for all."""
    b = Builder()
    q = Queue(b)
    q.put(1)
    q.put(1)
    for thread in (b.start(), b.start()):
        q.check(thread)
        q.get(thread)
    assert find(b) == []


def test_two_consumers_under_a_lock() -> None:
    b = Builder()
    q = Queue(b)
    lock = b.object("Lock", "lock")
    q.put(1)
    q.put(1)
    for thread in (b.start(), b.start()):
        while q.puts:
            with b.locked(thread, lock):
                q.check(thread)
                q.get(thread)
        with b.locked(thread, lock):
            q.check(thread)
    assert find(b) == []


def test_a_consumer_that_waits_for_the_next_item() -> None:
    """The check said that there was nothing: nobody took anything from it."""
    b = Builder()
    q = Queue(b)
    q.put(1)
    one, two = b.start(), b.start()
    q.get(one)
    q.check(two)
    b.emit(two, Op.REQUEST, q.queue, site=q.get_site, value="get")
    q.put(1)
    q.get(two)
    assert find(b) == []


def test_get_nowait_that_found_nothing() -> None:
    b = Builder()
    q = Queue(b, "q.get_nowait()")
    q.put(1)
    one, two = b.start(), b.start()
    q.check(one)
    q.check(two)
    q.get(one)
    b.emit(two, Op.GET, q.queue, site=q.get_site, outcome=Outcome.WOULD_BLOCK)
    (found,) = find(b)
    assert (found.status, found.rule) == ("observed", "queue-get-fails")
    assert "gone, and it failed" in found.explanation


def test_without_the_source_nobody_knows_who_catches() -> None:
    b = Builder()
    q = Queue(b, "q.get(timeout=1)")
    q.put(1)
    drain(q, b.start(), b.start())
    assert find(b) == []


EMPTY_IS_CAUGHT = """
import queue
def take():
    while q.qsize() > 0:
        try:
            q.get_nowait()
        except queue.Empty:
            break
"""
EMPTY_IS_CAUGHT_BY_THE_CALLER = """
def take():
    if q.qsize() > 0:
        return q.get_nowait()
def run():
    try:
        take()
    except (KeyError, Empty):
        pass
"""
ANOTHER_ERROR_IS_CAUGHT = """
def take():
    while q.qsize() > 0:
        try:
            q.get_nowait()
        except ValueError:
            break
"""


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        (EMPTY_IS_CAUGHT, []),
        (EMPTY_IS_CAUGHT_BY_THE_CALLER, []),
        (ANOTHER_ERROR_IS_CAUGHT, ["atomicity-violation"]),
    ],
)
def test_who_catches_empty_has_thought_of_it(source: str, kinds: list[str], tmp_path: Path) -> None:
    file = tmp_path / "take.py"
    file.write_text(source)
    b = Builder()
    q = Queue(b, "q.get_nowait()")
    line = 1 + next(i for i, text in enumerate(source.splitlines()) if "get_nowait" in text)
    row = b.sites[q.get_site - 1]
    b.sites[q.get_site - 1] = (str(file), line, *row[2:5], "take", *row[6:])
    q.put(1)
    drain(q, b.start(), b.start())
    assert [found.kind for found in find(b)] == kinds
