"""Lost updates: observed with their counts, predicted, and not invented."""

from __future__ import annotations

import pytest
from builder import AUGMENTED, STRUCTURAL, Builder

from tracer import analysis
from tracer.events import Op


def decrement(b: Builder) -> tuple[int, int, int]:
    """`num`, and the read and write sites of `num -= 1` in two statements."""
    read = b.site(8, "num")
    return b.global_("num"), read, b.site(10, "num = n - 1", sources=(read,))


def test_all_read_first_then_all_write() -> None:
    """Row 5b: 100 threads take 100 and store 99."""
    b = Builder()
    num, read, write = decrement(b)
    b.write(1, num, 100, b.site(1, "num = 100"))
    threads = [b.start() for _ in range(100)]
    for thread in threads:
        b.read(thread, num, 100, read)
    for thread in threads:
        b.write(thread, num, 99, write)
        b.end(thread)
    for thread in threads:
        b.join(thread)
    b.read(1, num, 99, b.site(20, "num"))
    (found,) = analysis.find(b.trace())
    assert (found.kind, found.status, found.count, found.total) == (
        "lost-update",
        "observed",
        99,
        100,
    )
    assert [site.line for site in found.sites] == [8, 10]
    assert len(found.threads) == 100
    assert found.explanation == (
        "Lost update on global `num`: Thread-2 read 100 at race.py:8, Thread-1 wrote 99 at "
        "race.py:10, then Thread-2 wrote 99 over it. 99 of 100 updates were lost."
    )
    assert found.locks == ((), (), ())
    assert found.witness is None


def test_one_after_the_other_is_predicted() -> None:
    """Row 5: nothing was lost, but nothing kept it from being lost."""
    b = Builder()
    num, write = b.global_("num"), b.site(10, "num -= 1")
    b.write(1, num, 0, b.site(1))
    threads = [b.start() for _ in range(100)]
    for value, thread in enumerate(threads):
        b.read(thread, num, value, b.site(7, "num") if value == 0 else 3)
        b.add(thread, num, value + 1, write, write)
        b.end(thread)
    for thread in threads:
        b.join(thread)
    trace = b.trace()
    (found,) = analysis.find(trace)
    assert (found.kind, found.status) == ("lost-update", "predicted")
    assert found.witness is not None
    first, second, third, last = (trace.events.at(seq) for seq in found.witness)
    assert [e.op for e in (first, second, third, last)] == [Op.READ, Op.READ, Op.WRITE, Op.WRITE]
    assert first.thread == last.thread != second.thread == third.thread
    assert len(found.threads) == 100
    assert "another order allowed by happens-before" in found.explanation


def test_a_stale_write_loses_all_writes_since_its_read() -> None:
    b = Builder()
    num, read, write = decrement(b)
    one, two = b.start(), b.start()
    b.read(one, num, 10, read)
    for value in (9, 8, 7):
        b.read(two, num, value + 1, read)
        b.write(two, num, value, write)
    b.write(one, num, 9, write)
    (found,) = analysis.find(b.trace())
    assert (found.status, found.count, found.total) == ("observed", 3, 4)


def test_two_critical_sections() -> None:
    """Every access is locked, and the lock's order hides nothing."""
    b = Builder()
    num, read, write = decrement(b)
    lock = b.object("Lock", "lock")
    for thread in (b.start(), b.start()):
        with b.locked(thread, lock):
            b.read(thread, num, 1, read)
        with b.locked(thread, lock):
            b.write(thread, num, 0, write)
    (found,) = analysis.find(b.trace())
    assert (found.kind, found.status) == ("lost-update", "predicted")
    assert "two critical sections" in found.explanation
    assert all(locks and locks[0].name == "lock" for locks in found.locks)


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_one_critical_section_is_clean(kind: str) -> None:
    """Row 6 (with the unlocked print), and row 7 with nesting."""
    b = Builder()
    num, write, look = b.global_("num"), b.site(10, "num -= 1"), b.site(8, "num")
    lock = b.object(kind, "lock")
    b.write(1, num, 0, b.site(1))
    threads = [b.start() for _ in range(5)]
    for thread in threads:
        b.read(thread, num, 0, look)
    for thread in threads:
        with b.locked(thread, lock):
            if kind == "RLock":
                with b.locked(thread, lock):
                    b.read(thread, num, 5, look)
            b.add(thread, num, 1, write, write)
        b.end(thread)
        b.join(thread)
    b.read(1, num, 0, b.site(20))
    assert analysis.find(b.trace()) == []


def test_joined_before_the_next_is_started() -> None:
    b = Builder()
    num, read, write = decrement(b)
    for _ in range(3):
        thread = b.start()
        b.read(thread, num, 1, read)
        b.write(thread, num, 0, write)
        b.end(thread)
        b.join(thread)
    assert analysis.find(b.trace()) == []


@pytest.mark.parametrize("rests", [True, False])
def test_what_rests_on_a_test_comes_after_what_the_test_saw(rests: bool) -> None:
    """`done` is set and seen: what is done because of that is ordered, and nothing else."""
    b = Builder()
    num, write = b.global_("num"), b.site(10, "num += 1")
    done, look = b.global_("done"), b.site(14, "done")
    one, two = b.start(), b.start()
    b.add(one, num, 1, write, write)
    b.write(one, done, True, b.site(12))
    b.read(two, done, True, look)
    b.site(15, "if done: x = 1", guards=(look,))
    then = b.site(16, "num += 1", guards=(look,) if rests else ())
    b.add(two, num, 2, then, then)
    found = [f for f in analysis.find(b.trace()) if f.kind == "lost-update"]
    assert bool(found) is not rests


def test_a_loop_that_waits_lets_nothing_past_it() -> None:
    b = Builder()
    num, write = b.global_("num"), b.site(10, "num += 1")
    done, look = b.global_("done"), len(b.sites) + 1
    b.site(14, "done", guards=(look,))
    one, two = b.start(), b.start()
    b.add(one, num, 1, write, write)
    b.write(one, done, True, b.site(12))
    b.read(two, done, True, look)
    b.add(two, num, 2, write, write)
    assert [f for f in analysis.find(b.trace()) if f.kind == "lost-update"] == []


def test_a_validated_write_is_clean() -> None:
    """Compute from an old value, but store only if it is still the value."""
    b = Builder()
    read, check = b.site(8, "num"), b.site(10, "num")
    write = b.site(11, "num = new", sources=(read,), guards=(check,))
    num, lock = b.global_("num"), b.object("Lock", "lock")
    b.write(1, num, 0, b.site(1))
    for value, thread in enumerate((b.start(), b.start())):
        with b.locked(thread, lock):
            b.read(thread, num, value, read)
        with b.locked(thread, lock):
            b.read(thread, num, value, check)
            b.write(thread, num, value + 1, write)
    assert analysis.find(b.trace()) == []


def test_one_row_for_the_same_attribute_of_many_objects() -> None:
    b = Builder()
    write = b.site(10, "self.value += 1")
    values = [b.attribute(b.object("Counter", f"c{i}"), f"c{i}.value") for i in range(5)]
    one, two = b.start(), b.start()
    for thread in (one, two):
        for value in values:
            b.add(thread, value, 1, write, write)
    (found,) = analysis.find(b.trace())
    assert found.details["locations"] == 5


def test_a_number_from_a_call_written_over_another() -> None:
    """The value went through a call: only what really was overwritten is told."""
    b = Builder()
    num, read = b.global_("num"), b.site(8, "num")
    write = b.site(10, "num = decremented()", opaque=True)
    one, two = b.start(), b.start()
    b.read(one, num, 10, read)
    b.read(two, num, 10, read)
    b.write(one, num, 9, write)
    b.write(two, num, 8, write)
    assert [f.kind for f in analysis.find(b.trace())] == ["lost-update"]


def test_the_read_of_an_augmented_assignment_is_the_one_before() -> None:
    b = Builder()
    num, read, write = b.global_("num"), b.site(8, "num"), b.site(8, "num += 1")
    one, two = b.start(), b.start()
    b.read(one, num, 0, read)
    b.add(two, num, 1, read, write)
    b.write(one, num, 1, write, AUGMENTED)
    (found,) = analysis.find(b.trace())
    assert (found.status, found.count, found.total) == ("observed", 1, 2)


def test_code_that_is_made_anew_for_each_update_is_told_of_in_bounds() -> None:
    """Not of each pair of the sites that it has had, though each two could lose an update."""
    b = Builder()
    x = b.global_("x")
    threads = b.start(), b.start()
    for _ in range(400):
        for thread in threads:
            read = b.site(1, "x")
            b.read(thread, x, 1, read)
            b.write(thread, x, 2, b.site(1, "x = x + 1", sources=(read,)))
    trace = b.trace()
    assert 1 <= len(analysis.find(trace)) <= len(trace.events)


def test_what_another_function_read_is_spent_when_it_is_written() -> None:
    """`store(total + 1)` and then `store(0)`, each under the lock: the second owes nothing."""
    b = Builder()
    lock, total = b.object("Lock", "lock"), b.global_("total")
    read = b.site(3, "total", function="work")
    write = b.site(8, "total = value", sources=(read,), opaque=True, function="store")
    for thread in (b.start(), b.start()):
        with b.locked(thread, lock):
            b.read(thread, total, 0, read)
            b.write(thread, total, 1, write)
        with b.locked(thread, lock):
            b.write(thread, total, 0, write)
    assert b.trace().findings() == []


def test_what_another_function_read_in_another_section_is_lost() -> None:
    b = Builder()
    lock, total = b.object("Lock", "lock"), b.global_("total")
    read = b.site(3, "total", function="work")
    write = b.site(8, "total = value", sources=(read,), opaque=True, function="store")
    for value, thread in enumerate((b.start(), b.start())):
        with b.locked(thread, lock):
            b.read(thread, total, value, read)
        with b.locked(thread, lock):
            b.write(thread, total, value + 1, write)
    (found,) = b.trace().findings()
    assert (found.kind, found.status) == ("lost-update", "predicted")


@pytest.mark.parametrize(
    ("text", "tested", "kinds"),
    [
        ("d.pop('k', 0)", False, ["lost-update"]),
        ("d.pop('k', [0, 1])", False, ["lost-update"]),
        ("d.pop('k', 0)", True, []),
        ("d.pop('k', None)", False, []),
        ("d.pop('k', other)", False, []),
        ("d.pop('k')", False, []),
        ("d.pop(('k', 0))", False, []),
    ],
)
def test_what_is_popped_or_begun_and_stored(text: str, tested: bool, kinds: list[str]) -> None:
    b = Builder()
    item = b.item(b.object("dict", "d"), "k")
    pop = b.site(1, text)
    store = b.site(2, "d['k'] = v", sources=(pop,), guards=(pop,) if tested else ())
    for number in range(2):
        thread = b.start()
        b.update(thread, item, pop, STRUCTURAL, number)
        b.write(thread, item, number + 1, store, STRUCTURAL)
    assert [found.kind for found in b.trace().findings()] == kinds
