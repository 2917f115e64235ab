"""Findings: what the core's engines report, with the rows of the trace and in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracer import _core
from tracer.events import Finding, Note, Op

from .chance import BY_CHANCE, in_time, told_apart
from .deadlocks import explain as explain_deadlock
from .endings import ending
from .explain import explain
from .grouping import by_variable
from .handlers import catches, goes_on_without

if TYPE_CHECKING:
    from tracer._core import RawFinding
    from tracer.trace import Trace


def find(trace: Trace, *, handled: bool = False, unordered: bool = False) -> list[Finding]:
    """All that the analyses find in the trace, observed findings first.

    Each finding stands for one variable (or queue, or event), with all the patterns in which it
    goes wrong: the first of them is told, the others are its `also`. Each pattern stands for every
    occurrence at the same sites; `count` says how many there were. `handled` says to keep those
    that the source, as it is now, rules out, and `unordered` those of which only the order is open,
    which are worth no more than a note.
    """
    raws = (raw for raw in _raw(trace) if unordered or raw["rule"] != "order")
    found = ((raw, _finding(trace, raw)) for raw in raws)
    return by_variable(
        (raw, one) for raw, one in found if handled or not _is_handled(trace, raw, one)
    )


def _raw(trace: Trace) -> list[RawFinding]:
    """What the engines tell, which are asked once."""
    how = ending(trace)
    if how not in trace.raw_findings:
        rows = _core.find_raw(trace.core, how.stuck, how.stop, how.over, list(how.lost))
        trace.raw_findings[how] = rows
    return trace.raw_findings[how]


def unordered_notes(trace: Trace) -> Iterator[Note]:
    """Plain accesses whose order alone is open: either order is right, or something else tells."""
    by_location: dict[int, list[RawFinding]] = {}
    for raw in _raw(trace):
        if raw["rule"] == "order":
            by_location.setdefault(raw["location"], []).append(raw)
    for found in by_location.values():
        first = _finding(trace, found[0])
        more = f" ({len(found) - 1} more such pairs of lines)" if len(found) > 1 else ""
        yield Note("unordered-accesses", first.explanation + more, first.advice)


def _is_handled(trace: Trace, raw: RawFinding, finding: Finding) -> bool:
    """Whether an act ends in an exception that the program catches, or that it may catch, where
    that is not known and it did not happen."""
    if raw["rule"] in ("check-then-act", "both-act", "failed", "act-failed"):
        return _goes_on(trace, raw)
    if raw["rule"] == "look-future":
        act = trace.events.at(raw["events"][-1] if raw["observed"] else raw["witness"][-1])
        return act.site is not None and catches(act.site, "InvalidStateError") is True
    if not raw["rule"].endswith("-fails"):
        return False
    error, op = ("Empty", Op.GET) if raw["rule"] == "queue-get-fails" else ("Full", Op.PUT)
    acts = (trace.events.at(seq) for seq in finding.events)
    sites = {event.site for event in acts if event.op is op and event.site is not None}
    known = [catches(site, error) for site in sites]
    return True in known or (finding.status == "predicted" and None in known)


def _goes_on(trace: Trace, raw: RawFinding) -> bool:
    """Whether the act on a container was made in the knowledge that it may fail."""
    act = trace.events.at(raw["events"][-1] if raw["observed"] else raw["witness"][-1])
    if act.site is None or act.op not in (Op.READ, Op.UPDATE, Op.DELETE, Op.ITERATE):
        return False
    if raw["rule"] == "act-failed":
        return catches(act.site, str(act.value)) is True
    errors = (
        [str(act.value)] if raw["rule"] == "failed" else ["IndexError", "KeyError", "ValueError"]
    )
    return any(goes_on_without(act.site, error) for error in errors)


def _waits_in_between(trace: Trace, raw: RawFinding) -> bool:
    """Whether a thread waited for a Condition between its check and its act."""
    if raw["rule"] != "check-then-act":
        return False
    order = raw["events"] if raw["observed"] else raw["witness"]
    check, act = trace.events.at(order[0]), trace.events.at(order[-1])
    waits = trace.events.filter(thread=check.thread, op=Op.WAIT, seq_range=(check.seq, act.seq))
    return any(event.object is not None and event.object.kind == "Condition" for event in waits)


def _finding(trace: Trace, raw: RawFinding) -> Finding:
    events = tuple(trace.events.at(seq) for seq in raw["events"])
    location = trace.locations[raw["location"] - 1] if raw["location"] else None
    owner = trace.objects[raw["object"] - 1] if raw["object"] else None
    locks = tuple(tuple(trace.objects[lock - 1] for lock in held) for held in raw["locks"])
    if location is not None and owner is None:
        owner = location.object
    if raw["kind"] == "deadlock":
        explanation, advice = explain_deadlock(trace, raw, events, locks)
        if owner is not None and owner.thread is not None and owner.thread.internal:
            owner = None  # a thread of the standard library's, which a person does not know
    else:
        told = events if raw["observed"] else told_apart(trace, events)
        explanation, advice = explain(
            raw, told, location, owner, locks, waited=_waits_in_between(trace, raw)
        )
        if told != events:
            explanation += BY_CHANCE
        if not raw["observed"]:
            explanation += in_time(trace, raw["not_needed"])
    details: dict[str, object] = {}
    if raw["rule"]:
        details["rule"] = raw["rule"]
    if len(raw["places"]) > 1:
        details["locations"] = len(raw["places"])
    return Finding(
        kind=raw["kind"],
        status="observed" if raw["observed"] else "predicted",
        explanation=explanation,
        location=location,
        object=owner,
        threads=tuple(trace.threads[thread - 1] for thread in raw["threads"]),
        sites=tuple(trace.sites[site - 1] for site in raw["sites"]),
        events=tuple(raw["events"]),
        locks=locks,
        stacks=tuple(event.stack for event in events),
        count=raw["count"],
        total=raw["total"],
        advice=advice,
        witness=tuple(raw["witness"]) or None,
        details=details,
    )
