"""Lost updates whose value a thread carried in objects of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from builder import AUGMENTED, STRUCTURAL, Builder

from tracer.events import Op


class Worker:
    """Threads that each read `total` in one critical section and write it in another."""

    def __init__(self) -> None:
        self.b = b = Builder()
        self.lock = b.object("Lock", "lock")
        self.total = b.global_("total")
        self.read = b.site(1, "total")
        self.put = b.site(2, "mine = total", sources=(self.read,))
        self.got = b.site(4, "mine")
        self.sum = b.site(4, "sum(mine)")
        self.write = b.site(5, "total = mine", sources=(self.got, self.sum))

    def run(self, carry: Callable[[int], None]) -> None:
        for _ in range(2):
            thread = self.b.start()
            with self.b.locked(thread, self.lock):
                self.b.read(thread, self.total, 0, self.read)
            carry(thread)
            with self.b.locked(thread, self.lock):
                self.b.write(thread, self.total, 1, self.write)

    def kinds(self) -> list[str]:
        return [found.kind for found in self.b.trace().findings()]


def through_an_attribute(w: Worker, thread: int) -> None:
    seen = w.b.attribute(w.b.object("Box", "box", thread), "seen")
    w.b.write(thread, seen, 0, w.put)
    w.b.read(thread, seen, 0, w.got)


def through_an_item(w: Worker, thread: int) -> None:
    item = w.b.item(w.b.object("dict", "mine", thread), "n")
    w.b.write(thread, item, 0, w.put, STRUCTURAL)
    w.b.read(thread, item, 0, w.got)


def through_what_was_appended(w: Worker, thread: int) -> None:
    mine = w.b.object("list", "mine", thread)
    w.b.update(thread, w.b.contents(mine), w.put, STRUCTURAL)
    w.b.read(thread, w.b.item(mine, 0), 0, w.got)


def through_what_was_popped(w: Worker, thread: int) -> None:
    mine = w.b.contents(w.b.object("list", "mine", thread))
    w.b.update(thread, mine, w.put, STRUCTURAL)
    w.b.update(thread, mine, w.got, STRUCTURAL)


def through_an_iteration(w: Worker, thread: int) -> None:
    mine = w.b.object("dict", "mine", thread)
    w.b.write(thread, w.b.item(mine, "n"), 0, w.put, STRUCTURAL)
    w.b.emit(thread, Op.ITERATE, w.b.contents(mine), site=w.got)


def through_a_sum(w: Worker, thread: int) -> None:
    mine = w.b.contents(w.b.object("list", "mine", thread))
    w.b.update(thread, mine, w.put, STRUCTURAL)
    w.b.read(thread, mine, site=w.sum)


def through_a_queue(w: Worker, thread: int) -> None:
    mine = w.b.object("Queue", "mine", thread)
    w.b.emit(thread, Op.PUT, mine, site=w.put)
    w.b.emit(thread, Op.GET, mine, site=w.got)


def through_two_objects(w: Worker, thread: int) -> None:
    first = w.b.attribute(w.b.object("Box", "a", thread), "v")
    second = w.b.attribute(w.b.object("Box", "b", thread), "v")
    between = w.b.site(8, "a.v")
    w.b.write(thread, first, 0, w.put)
    w.b.read(thread, first, 0, between)
    w.b.write(thread, second, 0, w.b.site(9, "b.v = a.v", sources=(between,)))
    w.b.read(thread, second, 0, w.got)


def and_added_to(w: Worker, thread: int) -> None:
    seen = w.b.attribute(w.b.object("Box", "box", thread), "seen")
    old = w.b.site(8, "box.seen += 1")
    w.b.write(thread, seen, 0, w.put)
    w.b.read(thread, seen, 0, old)
    w.b.write(thread, seen, 1, w.b.site(8, "box.seen += 1", sources=(old,)), AUGMENTED)
    w.b.read(thread, seen, 1, w.got)


CARRIED = [
    through_an_attribute,
    through_an_item,
    through_what_was_appended,
    through_what_was_popped,
    through_an_iteration,
    through_a_sum,
    through_a_queue,
    through_two_objects,
    and_added_to,
]


@pytest.mark.parametrize("carry", CARRIED)
def test_what_was_carried_is_lost(carry: Callable[[Worker, int], None]) -> None:
    w = Worker()
    w.run(lambda thread: carry(w, thread))
    assert w.kinds() == ["lost-update"]


def another_attribute(w: Worker, thread: int) -> None:
    box = w.b.object("Box", "box", thread)
    w.b.write(thread, w.b.attribute(box, "seen"), 0, w.put)
    other = w.b.attribute(box, "other")
    w.b.write(thread, other, 5, w.b.site(8, "box.other = 5"))
    w.b.read(thread, other, 5, w.got)


def another_object(w: Worker, thread: int) -> None:
    w.b.write(thread, w.b.attribute(w.b.object("Box", "a", thread), "v"), 0, w.put)
    w.b.read(thread, w.b.attribute(w.b.object("Box", "b", thread), "v"), 5, w.got)


def overwritten(w: Worker, thread: int) -> None:
    seen = w.b.attribute(w.b.object("Box", "box", thread), "seen")
    w.b.write(thread, seen, 0, w.put)
    w.b.write(thread, seen, 5, w.b.site(8, "box.seen = 5"))
    w.b.read(thread, seen, 5, w.got)


def only_counted(w: Worker, thread: int) -> None:
    mine = w.b.contents(w.b.object("list", "mine", thread))
    w.b.update(thread, mine, w.put, STRUCTURAL)
    w.b.read(thread, mine, 1, w.got)


@pytest.mark.parametrize("carry", [another_attribute, another_object, overwritten, only_counted])
def test_what_was_not_carried_is_not_lost(carry: Callable[[Worker, int], None]) -> None:
    w = Worker()
    w.run(lambda thread: carry(w, thread))
    assert w.kinds() == []


@pytest.mark.parametrize("carry", CARRIED)
def test_nothing_is_lost_under_one_lock(carry: Callable[[Worker, int], None]) -> None:
    w = Worker()
    whole = w.b.object("Lock", "whole")
    for _ in range(2):
        thread = w.b.start()
        with w.b.locked(thread, whole):
            w.b.read(thread, w.total, 0, w.read)
            carry(w, thread)
            w.b.write(thread, w.total, 1, w.write)
    assert w.kinds() == []
