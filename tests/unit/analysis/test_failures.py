"""Acts that raised because another thread came first, and looks at what is in some place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from builder import STRUCTURAL, Builder

from tracer.events import Finding, Op, Outcome

INDEXED = 4


def stack(b: Builder, order: str, *, guarded: bool = True, lock: bool = False) -> list[Finding]:
    """Two threads that take from a list, one look (l) and one pop (p, P where it raises) each."""
    shelf = b.contents(b.object("list", "shelf"))
    look = b.site(3, "shelf")
    take = b.site(4, "shelf.pop()", guards=(look,) if guarded else ())
    guard = b.object("Lock", "guard")
    threads = {"1": b.start(), "2": b.start()}
    for step in order.split():
        me = threads[step[1]]
        if lock:
            b.emit(me, Op.ACQUIRE, guard)
        match step[0]:
            case "l":
                b.read(me, shelf, True, look)
            case "e":
                b.read(me, shelf, False, look)
            case "p":
                b.update(me, shelf, take, value="job")
            case "P":
                raised = Outcome.RAISED
                b.emit(me, Op.UPDATE, shelf, site=take, value="IndexError", outcome=raised)
        if lock:
            b.emit(me, Op.RELEASE, guard)
    return b.trace().findings()


@pytest.mark.parametrize("lock", [False, True])
def test_both_looked_and_the_second_pop_raised(lock: bool) -> None:
    (found,) = stack(Builder(), "l1 l2 p1 P2", lock=lock)
    assert (found.kind, found.status) == ("atomicity-violation", "observed")
    assert [site.line for site in found.sites] == [3, 4]
    assert "raised IndexError because Thread-1 updated it" in found.explanation


@pytest.mark.parametrize("lock", [False, True])
def test_both_made_up_for_what_was_missing_and_the_second_pop_raised(lock: bool) -> None:
    """`if not shelf: room.wait()`."""
    (found,) = stack(Builder(), "e1 e2 p1 P2", lock=lock)
    assert (found.status, found.rule) == ("observed", "failed")
    assert [site.line for site in found.sites] == [3, 4]


def test_a_pop_without_a_look_that_raised() -> None:
    (found,) = stack(Builder(), "p1 P2", guarded=False)
    assert found.rule == "act-failed"
    assert len(found.events) == 2


@pytest.mark.parametrize("order", ["l1 l2 p1 p2", "l1 p1 e2", "l1 p1 l2 p2"])
def test_both_can_look_before_one_takes(order: str) -> None:
    (found,) = stack(Builder(), order)
    assert found.status == "predicted"


@pytest.mark.parametrize("order", ["p1 p2", "e1 e2", "l1 p1"])
def test_without_a_look_or_another_taker_nothing_is_wrong(order: str) -> None:
    assert stack(Builder(), order, guarded=False) == []


def after_own_change(b: Builder, members: int, threads: list[int]) -> None:
    """`if k in busy: return` and `busy.add(k)` under a lock; the `discard` is of what it added."""
    lock = b.object("Lock", "lock")
    look = b.site(3, "k in busy")
    add = b.site(4, "busy.add(k)", guards=(look,))
    drop = b.site(6, "busy.discard(k)", guards=(look,))
    for thread, key in zip(threads, "ab", strict=True):
        with b.locked(thread, lock):
            b.read(thread, members, False, look)
            b.update(thread, members, add, value=key)
    for thread, key in zip(threads, "ab", strict=True):
        with b.locked(thread, lock):
            b.update(thread, members, drop, value=key)


def other_items(b: Builder, members: int, threads: list[int]) -> None:
    """`if k in seen: seen.remove(k)`, each of its own."""
    look = b.site(3, "k in seen")
    take = b.site(4, "seen.remove(k)", guards=(look,))
    for thread in threads:
        b.read(thread, members, True, look)
    for thread, key in zip(threads, "ab", strict=True):
        b.update(thread, members, take, value=key)


@pytest.mark.parametrize("program", [after_own_change, other_items])
def test_clean(program: Callable[[Builder, int, list[int]], None]) -> None:
    b = Builder()
    program(b, b.contents(b.object("set", "members")), [b.start(), b.start()])
    assert b.trace().findings() == []


@pytest.mark.parametrize("lock", [False, True])
def test_what_is_first_is_not_what_is_taken(lock: bool) -> None:
    """`head = line[0]` and `line.popleft()`: under one lock the two are one step."""
    b = Builder()
    line = b.object("deque", "line")
    first, contents = b.item(line, 0), b.contents(line)
    guard = b.object("Lock", "guard")
    peek, take = b.site(3, "line[0]"), b.site(5, "line.popleft()")
    for thread in (b.start(), b.start()):
        if lock:
            b.emit(thread, Op.ACQUIRE, guard)
        b.emit(thread, Op.READ, first, site=peek, value=1, flags=INDEXED)
        b.update(thread, contents, take, value=1)
        if lock:
            b.emit(thread, Op.RELEASE, guard)
    assert [f.status for f in b.trace().findings()] == ([] if lock else ["predicted"])


@pytest.mark.parametrize("places", [(0, 0), (2, 1)])
def test_a_test_of_what_is_first_or_last(places: tuple[int, int]) -> None:
    """`if stack[-1] > 0: stack.pop()`: the place of the last item is another for each thread."""
    b = Builder()
    stack = b.object("list", "stack")
    items, contents = [b.item(stack, place) for place in places], b.contents(stack)
    peek = b.site(3, "stack[-1]")
    take = b.site(5, "stack.pop()", guards=(peek,))
    one, two = b.start(), b.start()
    for thread, item, value in ((one, items[0], 3), (two, items[1], 2)):
        b.emit(thread, Op.READ, item, site=peek, value=value, flags=INDEXED)
        b.emit(thread, Op.UPDATE, contents, site=take, value=value, flags=STRUCTURAL)
    (found,) = b.trace().findings()
    assert (found.kind, found.status) == ("atomicity-violation", "predicted")


@pytest.mark.parametrize("lock", [False, True])
def test_who_peeks_later_does_not_act(lock: bool) -> None:
    """`if due[0] <= now: fire(due[0]); heappop(due)`: the second finds a time that has not come."""
    b = Builder()
    due = b.object("list", "due")
    first, contents = b.item(due, 0), b.contents(due)
    guard = b.object("Lock", "guard")
    test, again = b.site(3, "due[0]"), b.site(4, "due[0]")
    take = b.site(5, "heappop(due)", guards=(test,))
    one, two = b.start(), b.start()
    b.emit(one, Op.READ, first, site=test, value=1, flags=INDEXED)
    if lock:
        b.emit(one, Op.ACQUIRE, guard)
    b.emit(one, Op.READ, first, site=again, value=1, flags=INDEXED)
    b.emit(one, Op.UPDATE, contents, site=take, value=1, flags=STRUCTURAL)
    if lock:
        b.emit(one, Op.RELEASE, guard)
    b.emit(two, Op.READ, first, site=test, value=3, flags=INDEXED)
    assert [f.status for f in b.trace().findings()] == ([] if lock else ["predicted"])


def test_what_is_pushed_into_a_heap_makes_no_look_at_it_wrong() -> None:
    b = Builder()
    due = b.object("list", "due")
    first, contents = b.item(due, 0), b.contents(due)
    peek = b.site(3, "due[0]")
    take, push = b.site(5, "heappop(due)", guards=(peek,)), b.site(9, "heappush(due, 2)")
    one, two = b.start(), b.start()
    b.emit(one, Op.READ, first, site=peek, value=3, flags=INDEXED)
    b.emit(two, Op.UPDATE, contents, site=push, value=2, flags=STRUCTURAL)
    b.emit(one, Op.UPDATE, contents, site=take, value=2, flags=STRUCTURAL)
    assert b.trace().findings() == []


def test_a_semaphore_of_one_keeps_threads_apart_and_orders_nothing_else() -> None:
    b = Builder()
    gate, inside, outside = b.object("Semaphore", "gate"), b.global_("inside"), b.global_("outside")
    sites = b.site(3, "inside += 1"), b.site(5, "outside += 1")
    released = 0
    for value in (1, 2):
        thread = b.start()
        b.emit(thread, Op.ACQUIRE, gate, link=released)
        b.add(thread, inside, value, sites[0], sites[0])
        released = b.emit(thread, Op.RELEASE, gate)
        b.add(thread, outside, value, sites[1], sites[1])
    found = [f.location.short for f in b.trace().findings() if f.location is not None]
    assert found == ["outside"]


def test_an_update_is_lost_by_its_values_whatever_it_came_through() -> None:
    """Read in one critical section and written in another, through nothing that is known."""
    b = Builder()
    n, lock = b.global_("n"), b.object("Lock", "lock")
    read, write = b.site(3, "n"), b.site(6, "n = box.value", opaque=True)
    one, two = b.start(), b.start()
    for thread in (one, two):
        with b.locked(thread, lock):
            b.read(thread, n, 0, read)
    for thread in (one, two):
        with b.locked(thread, lock):
            b.write(thread, n, 1, write)
    (found,) = b.trace().findings()
    assert (found.kind, found.status, found.count) == ("lost-update", "observed", 1)
