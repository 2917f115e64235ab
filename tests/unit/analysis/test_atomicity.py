"""Check-then-act on variables, containers and queues."""

from __future__ import annotations

import pytest
from builder import AUGMENTED, STRUCTURAL, Builder

from tracer import analysis
from tracer.events import Finding, Op, Outcome, Ref


def find(b: Builder) -> list[Finding]:
    return analysis.find(b.trace())


def lazy(b: Builder) -> tuple[int, int, int]:
    """`if x is None: x = make()`: the location and the two sites."""
    check = b.site(3, "x")
    x = b.global_("x")
    b.write(1, x, None, b.site(1, "x = None"))
    return x, check, b.site(4, "x = make()", guards=(check,), opaque=True)


def test_both_saw_none() -> None:
    b = Builder()
    x, check, act = lazy(b)
    one, two = b.start(), b.start()
    b.read(one, x, None, check)
    b.read(two, x, None, check)
    b.write(one, x, Ref("A", 0), act)
    b.write(two, x, Ref("A", 0), act)
    (found,) = find(b)
    assert (found.kind, found.status) == ("atomicity-violation", "observed")
    assert found.explanation == (
        "Check-then-act on global `x`: Thread-2 read None at race.py:3 and acted on it at "
        "race.py:4, but in between Thread-1 wrote an A object at race.py:4; what was checked no "
        "longer held."
    )


def test_both_found_nothing() -> None:
    """`try: return x[k]` with a handler that makes it."""
    b = Builder()
    x, check, act = lazy(b)
    one, two = b.start(), b.start()
    for thread in (one, two):
        b.emit(thread, Op.READ, x, site=check, value="KeyError", outcome=Outcome.RAISED)
    for thread in (one, two):
        b.write(thread, x, 1, act)
    (found,) = find(b)
    assert "Thread-2 found nothing at race.py:3 (KeyError) and acted on it" in found.explanation


def test_the_second_came_late_and_saw_the_first() -> None:
    b = Builder()
    x, check, act = lazy(b)
    one, two = b.start(), b.start()
    b.read(one, x, None, check)
    b.write(one, x, 5, act)
    b.read(two, x, 5, check)
    (found,) = find(b)
    assert (found.kind, found.status) == ("atomicity-violation", "predicted")
    assert found.witness == (found.events[2], found.events[0], found.events[1])
    assert "both see None, and Thread-2 acts too" in found.explanation


def test_check_outside_the_lock() -> None:
    """Double-checked locking done wrong: every write is locked, but nothing is checked there."""
    b = Builder()
    x, check, act = lazy(b)
    lock = b.object("Lock", "lock")
    for thread in (b.start(), b.start()):
        b.read(thread, x, None, check)
        with b.locked(thread, lock):
            b.write(thread, x, Ref("A", 0), act)
    (found,) = find(b)
    assert (found.kind, found.status) == ("atomicity-violation", "predicted")


def test_check_and_act_under_one_lock() -> None:
    b = Builder()
    x, check, act = lazy(b)
    lock = b.object("Lock", "lock")
    one, two = b.start(), b.start()
    with b.locked(one, lock):
        b.read(one, x, None, check)
        b.write(one, x, 5, act)
    with b.locked(two, lock):
        b.read(two, x, 5, check)
    assert find(b) == []


def test_the_update_in_the_act_is_no_second_finding() -> None:
    """`if balance >= 60: balance -= 60`: one lock over both fixes both."""
    b = Builder()
    check, read = b.site(3, "balance"), b.site(4, "balance")
    write = b.site(4, "balance -= 60", guards=(check,))
    balance = b.global_("balance")
    b.write(1, balance, 100, b.site(1))
    one, two = b.start(), b.start()
    b.read(one, balance, 100, check)
    b.read(two, balance, 100, check)
    for thread, left in ((one, 40), (two, -20)):
        b.read(thread, balance, left + 60, read)
        b.write(thread, balance, left, write, AUGMENTED)
    (found,) = find(b)
    assert (found.kind, found.status) == ("atomicity-violation", "observed")


def test_a_lost_update_beside_a_check_is_told() -> None:
    b = Builder()
    check, read = b.site(3, "balance"), b.site(9, "balance")
    act, write = b.site(4, "balance = 0", guards=(check,)), b.site(9, "balance -= 1")
    balance = b.global_("balance")
    for thread in (b.start(), b.start()):
        b.read(thread, balance, 5, check)
        b.write(thread, balance, 0, act)
        b.read(thread, balance, 0, read)
        b.write(thread, balance, -1, write, AUGMENTED)
    (found,) = find(b)
    assert "lost-update" in {one.kind for one in found.patterns}


def test_missing_key() -> None:
    b = Builder()
    d = b.object("dict", "d")
    b.contents(d)
    item = b.item(d, "k")
    check = b.site(3, "k in d")
    act = b.site(4, "d[k] = 1", guards=(check,))
    for thread in (b.start(), b.start()):
        b.read(thread, item, False, check)
        b.write(thread, item, 1, act, STRUCTURAL)
    assert [f.kind for f in find(b)] == ["atomicity-violation"]


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("l1 w1 f2", ["predicted"]),
        ("l1 l2 w1 w2", ["observed"]),
        ("f1 f2", []),
        ("l1 w1", []),
        ("l1 l2", []),
    ],
)
def test_a_look_up_that_raised_is_a_look(order: str, found: list[str]) -> None:
    """`try: t = d[k]` and `except KeyError: t = d[k] = {}`: l raises, f finds, w stores."""
    b = Builder()
    d = b.object("dict", "d")
    b.contents(d)
    item, look = b.item(d, "k"), b.site(3, "d[k]")
    act = b.site(5, "d[k] = {}", guards=(look,))
    threads = {"1": b.start(), "2": b.start()}
    there = False
    for step in order.split():
        me = threads[step[1]]
        if step[0] == "l":
            raised = Outcome.RAISED
            b.emit(me, Op.READ, item, site=look, value="KeyError", outcome=raised)
        elif step[0] == "f":
            b.read(me, item, Ref("dict", 1), look)
        else:
            b.write(me, item, Ref("dict", 1 + there), act, 0 if there else STRUCTURAL)
            there = True
    assert [f.status for f in find(b) if f.kind == "atomicity-violation"] == found
    assert not [f for f in find(b) if f.kind != "atomicity-violation"]


def test_what_is_stored_under_one_key_may_differ() -> None:
    """Whoever comes second stores another value, which is no other item."""
    b = Builder()
    d = b.object("dict", "d")
    b.contents(d)
    item, check = b.item(d, "k"), b.site(3, "k in d")
    act = b.site(4, "d[k] = v", guards=(check,))
    one, two = b.start(), b.start()
    b.read(one, item, False, check)
    b.read(two, item, False, check)
    b.write(one, item, 1, act, STRUCTURAL)
    b.write(two, item, 2, act)
    assert [(f.kind, f.status) for f in find(b)] == [("atomicity-violation", "observed")]


def test_key_that_is_there_when_the_second_comes() -> None:
    b = Builder()
    d = b.object("dict", "d")
    b.contents(d)
    item, check = b.item(d, "k"), b.site(3, "k in d")
    act = b.site(4, "d[k] = 1", guards=(check,))
    one, two = b.start(), b.start()
    b.read(one, item, False, check)
    b.write(one, item, 1, act, STRUCTURAL)
    b.read(two, item, True, check)
    assert [(f.kind, f.status) for f in find(b)] == [("atomicity-violation", "predicted")]


def test_list_bounded_by_its_length() -> None:
    b = Builder()
    contents = b.contents(b.object("list", "rows"))
    check = b.site(3, "len(rows)")
    act = b.site(4, "rows.append(1)", guards=(check,))
    for thread in (b.start(), b.start()):
        b.read(thread, contents, 0, check)
        b.update(thread, contents, act)
    assert [f.kind for f in find(b)] == ["atomicity-violation"]


@pytest.mark.parametrize("take", ["rows.popleft()", "del rows[0]"])
def test_one_consumer_of_a_list(take: str) -> None:
    """`if rows: rows.pop()` while another appends."""
    b = Builder()
    contents = b.contents(b.object("deque", "rows"))
    check = b.site(3, "rows")
    act, other = b.site(4, take, guards=(check,)), b.site(9, "rows.append(1)")
    one, two = b.start(), b.start()
    b.update(two, contents, other)
    b.read(one, contents, 1, check)
    b.update(two, contents, other)
    b.update(one, contents, act)
    assert find(b) == []


def test_flag_that_ends_the_loop_that_tests_it() -> None:
    """`while running: … running = False` in two threads."""
    b = Builder()
    running, check = b.global_("running"), b.site(3, "running")
    act = b.site(4, "running = False", guards=(check,))
    b.write(1, running, True, b.site(1))
    one, two = b.start(), b.start()
    b.read(one, running, True, check)
    b.write(one, running, False, act)
    b.write(two, running, False, b.site(9))
    assert find(b) == []


def test_after_a_wait_in_between_the_advice_is_to_test_again() -> None:
    b = Builder()
    room = b.object("Condition", "room")
    shelf = b.contents(b.object("list", "shelf"))
    check = b.site(1, "shelf")
    act = b.site(3, "shelf.pop()", guards=(check,))
    take = b.site(5, "shelf.pop()")
    first, second = b.start(), b.start()
    with b.locked(first, room):
        b.read(first, shelf, False, check)
        b.emit(first, Op.WAIT, room)
    with b.locked(second, room):
        b.update(second, shelf, take)
    with b.locked(first, room):
        b.update(first, shelf, act)
    (found,) = b.trace().findings()
    assert found.status == "observed"
    assert "`while`" in found.advice


def test_a_search_that_found_what_another_has_added() -> None:
    """Had it come first, it would have found nothing, and added it too."""
    for act, wrong in (("rows.append(1)", True), ("rows.remove(1)", False)):
        b = Builder()
        rows = b.contents(b.object("list", "rows"))
        search = b.site(3, "rows")
        site = b.site(5, act, guards=(search,))
        one, two = b.start(), b.start()
        b.emit(one, Op.ITERATE, rows, site=search)
        b.emit(one, Op.UPDATE, rows, site=site, value=1, flags=STRUCTURAL)
        b.emit(two, Op.ITERATE, rows, site=search)
        found = [one for f in find(b) for one in f.patterns if one.kind == "atomicity-violation"]
        assert [one.rule for one in found] == (["both-act"] if wrong else [])
