"""Assertions about a recorded run: each fails with the report that a person would read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from ..kinds import Kind

if TYPE_CHECKING:
    from ..analysis import Verdict
    from ..events import Event, Finding
    from ..trace import Trace

RACES = (Kind.LOST_UPDATE, Kind.DATA_RACE, Kind.ATOMICITY_VIOLATION)
"""The kinds of finding that are races in the wide sense: the order decides the result."""


def assert_no_findings(trace: Trace) -> None:
    """Fail if the analyses find anything in `trace`, or if it shows nothing they could look at."""
    __tracebackhide__ = True
    verdict = trace.verdict()
    _fail_on(trace, verdict.findings, verdict)


def assert_no_races(trace: Trace) -> None:
    """Fail if `trace` has a lost update, a data race or an atomicity violation, observed or
    predicted, or if it shows nothing that could be checked."""
    __tracebackhide__ = True
    verdict = trace.verdict()
    _fail_on(trace, [one for one in verdict.findings if one.kind in RACES], verdict)


def assert_happens_before(trace: Trace, a: Event | int, b: Event | int) -> None:
    """Fail unless `a` is ordered before `b` by program order and synchronization.

    That `a` came first in this run is not enough: it must come first in every run of the same
    synchronization.
    """
    __tracebackhide__ = True
    if not trace.happens_before(a, b):
        other = "the other way round" if trace.happens_before(b, a) else "they are concurrent"
        raise AssertionError(
            f"{_named(trace, a)} is not ordered before {_named(trace, b)}: {other}"
        )


def assert_concurrent(trace: Trace, a: Event | int, b: Event | int) -> None:
    """Fail unless neither of the two events is ordered before the other."""
    __tracebackhide__ = True
    if not trace.concurrent(a, b):
        raise AssertionError(f"{_named(trace, a)} and {_named(trace, b)} are ordered")


def found(findings: list[object]) -> list[str] | None:
    """What `assert findings == []` says, in lines; None if these are no findings."""
    from ..events import Finding
    from ..reporters import text

    if not findings or not all(isinstance(one, Finding) for one in findings):
        return None
    lines = ["trace.findings() == []"]
    for one in cast("list[Finding]", findings):
        lines += ["", text.title(one), *one.explanation.splitlines()]
    return lines


def _fail_on(trace: Trace, findings: Sequence[Finding], verdict: Verdict) -> None:
    __tracebackhide__ = True
    from ..reporters import text

    if findings:
        raise AssertionError(f"{trace.path or 'the trace'}:\n\n{text.findings(trace, findings)}")
    if verdict.reasons:
        name, first = trace.path or "the trace", verdict.reasons[0]
        raise AssertionError(f"{name} is inconclusive: {first.text}. {first.advice}")


def _named(trace: Trace, event: Event | int) -> str:
    event = trace.events.at(event) if isinstance(event, int) else event
    place = f" at line {event.site.line}" if event.site is not None else ""
    what = " ".join(filter(None, [event.op.label, event.target]))
    return f"event {event.seq} ({event.thread.name}: {what}{place})"
