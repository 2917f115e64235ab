"""The assertions about traces: what they let pass, and what their failure says."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from builder import Builder

import tracer
from tracer.events import Op
from tracer.testing import (
    assert_concurrent,
    assert_happens_before,
    assert_no_findings,
    assert_no_races,
)
from tracer.trace import Trace


def trace(*events: tuple[Any, ...]) -> Trace:
    """Main and two threads; a lock, and a global `num`."""
    b = Builder()
    b.thread("A")
    b.thread("B")
    b.objects.clear()  # the locks are 1 and 2
    b.object("Lock", "lock")
    b.object("Lock", "other")
    b.global_("num")
    b.site(9, "num", sources=(b.site(8, "num"),))
    for event in events:
        b.emit(*event)
    return b.trace()


def update(thread: int, value: int) -> list[tuple[object, ...]]:
    return [(thread, Op.READ, 1, 1, value), (thread, Op.WRITE, 1, 2, value + 1)]


def locked(thread: int, value: int) -> list[tuple[object, ...]]:
    return [(thread, Op.ACQUIRE, 1, 1), *update(thread, value), (thread, Op.RELEASE, 1, 1)]


def test_a_race_fails_with_the_report() -> None:
    racy = trace(*update(2, 0), *update(3, 1))
    for check in (assert_no_races, assert_no_findings):
        with pytest.raises(AssertionError) as failure:
            check(racy)
        assert "Lost update on num (predicted)" in str(failure.value)
        assert "How to fix it" in str(failure.value)


def test_what_is_no_race_is_a_finding_still() -> None:
    waits = [(2, Op.ACQUIRE, 1, 1), (3, Op.ACQUIRE, 2, 1)]
    waits += [(2, Op.REQUEST, 2, 1), (3, Op.REQUEST, 1, 1)]
    stuck = trace(*locked(2, 0), *locked(3, 1), *waits)
    assert [finding.kind for finding in stuck.findings()] == ["deadlock"]
    assert_no_races(stuck)
    with pytest.raises(AssertionError, match="Deadlock"):
        assert_no_findings(stuck)


def test_a_clean_trace_passes_and_an_empty_one_does_not() -> None:
    clean = trace(*locked(2, 0), *locked(3, 1))
    assert clean.findings() == []
    assert_no_races(clean)
    assert_no_findings(clean)
    for check in (assert_no_races, assert_no_findings):
        with pytest.raises(AssertionError, match="is inconclusive: no event was recorded"):
            check(trace())


def test_nothing_found_in_a_run_that_proves_nothing_warns() -> None:
    with pytest.warns(tracer.InconclusiveWarning, match="proves nothing: no event was recorded"):
        assert trace().findings() == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert trace(*locked(2, 0), *locked(3, 1)).findings() == []
        assert trace(*update(2, 0), *update(3, 1)).findings() != []


def test_order_is_that_of_synchronization() -> None:
    clean = trace(*locked(2, 0), *locked(3, 1))
    first, second = clean.events.filter(op="write")
    assert_happens_before(clean, first, second)
    assert_happens_before(clean, first.seq, second.seq)
    with pytest.raises(AssertionError, match=r"event 7 \(B: write race.num at line 9\)"):
        assert_happens_before(clean, second, first)
    with pytest.raises(AssertionError, match="are ordered"):
        assert_concurrent(clean, first, second)


def test_coming_first_is_no_order() -> None:
    racy = trace(*update(2, 0), *update(3, 1))
    first, second = racy.events.filter(op="write")
    assert_concurrent(racy, first, second)
    with pytest.raises(AssertionError, match="they are concurrent"):
        assert_happens_before(racy, first, second)
    with pytest.raises(AssertionError, match="the other way round"):
        assert_happens_before(racy, second, 3)
