"""What an engine reports as a finding: with the rows of the trace, and in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..events import Event, Finding, Kind, Op, Rule, Status
from ..log import Log
from .chance import BY_CHANCE, in_time, told_apart
from .found import Found
from .handlers import catches, goes_on_without
from .rules import RULES, words

if TYPE_CHECKING:
    from .._core.analysis import RawFinding


def describe(trace: Log, raw: RawFinding) -> Finding:
    """The finding of it, which stands for one pattern."""
    found = _found(trace, raw)
    explanation, advice = _explained(found)
    owner = found.object
    kind = RULES[found.rule].kind
    if kind is Kind.DEADLOCK and owner is not None and owner.thread is not None:
        owner = None if owner.thread.internal else owner  # one that a person does not know
    details: dict[str, object] = {}
    if len(raw["places"]) > 1:
        details["locations"] = len(raw["places"])
    return Finding(
        kind=kind,
        status=found.status,
        rule=found.rule,
        explanation=explanation,
        location=found.location,
        object=owner,
        threads=tuple(trace.threads[thread - 1] for thread in raw["threads"]),
        sites=tuple(trace.sites[site - 1] for site in raw["sites"]),
        events=tuple(raw["events"]),
        locks=found.locks,
        stacks=tuple(event.stack for event in found.events),
        count=raw["count"],
        total=raw["total"],
        advice=advice,
        witness=tuple(raw["witness"]) or None,
        details=details,
    )


def is_handled(trace: Log, raw: RawFinding, finding: Finding) -> bool:
    """Whether an act ends in an exception that the program catches, or that it may catch, where
    that is not known and it did not happen."""
    match finding.rule:
        case Rule.CHECK_THEN_ACT | Rule.BOTH_ACT | Rule.FAILED | Rule.ACT_FAILED:
            return _goes_on(finding.rule, _act(trace, raw))
        case Rule.LOOK_FUTURE:
            act = _act(trace, raw)
            return act.site is not None and catches(act.site, "InvalidStateError") is True
        case Rule.QUEUE_GET_FAILS:
            return _is_caught(trace, finding, Op.GET, "Empty")
        case Rule.QUEUE_PUT_FAILS:
            return _is_caught(trace, finding, Op.PUT, "Full")
    return False


def _is_caught(trace: Log, finding: Finding, op: Op, error: str) -> bool:
    acts = (trace.events.at(seq) for seq in finding.events)
    sites = {event.site for event in acts if event.op is op and event.site is not None}
    known = [catches(site, error) for site in sites]
    return True in known or (finding.status is Status.PREDICTED and None in known)


def _act(trace: Log, raw: RawFinding) -> Event:
    """The last event in the order that shows the finding."""
    order = raw["events"] if raw["status"] == Status.OBSERVED else raw["witness"]
    return trace.events.at(order[-1])


def _goes_on(rule: Rule, act: Event) -> bool:
    """Whether the act on a container was made in the knowledge that it may fail."""
    if act.site is None or act.op not in (Op.READ, Op.UPDATE, Op.DELETE, Op.ITERATE):
        return False
    if rule is Rule.ACT_FAILED:
        return catches(act.site, str(act.value)) is True
    happened = rule is Rule.FAILED
    errors = [str(act.value)] if happened else ["IndexError", "KeyError", "ValueError"]
    return any(goes_on_without(act.site, error) for error in errors)


def _found(trace: Log, raw: RawFinding) -> Found:
    location = trace.locations[raw["location"] - 1] if raw["location"] else None
    owner = trace.objects[raw["object"] - 1] if raw["object"] else None
    if location is not None and owner is None:
        owner = location.object
    return Found(
        trace,
        raw,
        tuple(trace.events.at(seq) for seq in raw["events"]),
        location,
        owner,
        tuple(tuple(trace.objects[lock - 1] for lock in held) for held in raw["locks"]),
    )


def _explained(found: Found) -> tuple[str, str]:
    """The explanation, with what the run had by chance, and the advice."""
    if found.observed:
        return words(found)
    told = told_apart(found.trace, found.events)
    explanation, advice = words(replace(found, events=told))
    if told != found.events:
        explanation += BY_CHANCE
    return explanation + in_time(found.trace, found.raw["not_needed"]), advice
