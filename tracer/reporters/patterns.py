"""What of a finding is drawn besides its events: who spoils what for whom, and between which two
of its own events a thread went by what no longer held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..events import Event, Finding, Kind, Op, Rule, Status


@dataclass(slots=True)
class Pattern:
    """Sequence numbers: an edge with its words (and no arrow head for a missing order), the
    windows (first and last event of one thread), and words beside events."""

    edge: tuple[int, int, str] | None = None
    ordered: bool = True
    windows: list[tuple[int, int]] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)


def pattern(finding: Finding, drawn: Mapping[int, Event]) -> Pattern:
    """The pattern of `finding` as far as its events are among those `drawn`."""
    order = finding.witness or finding.events
    events = [drawn[seq] for seq in order if seq in drawn]
    if len(events) < len(order):
        return Pattern()
    if finding.kind is Kind.LOST_UPDATE:
        return _lost_update(finding, events)
    if finding.kind is Kind.ATOMICITY_VIOLATION:
        return _check_then_act(finding, events)
    pair = _conflict(events)
    return Pattern() if pair is None else Pattern((*pair, "no order"), ordered=False)


def _lost_update(finding: Finding, events: Sequence[Event]) -> Pattern:
    """The last two writes by two threads: the second goes by what was read before the first."""
    writes = [event for event in events if event.op is Op.WRITE]
    if len(writes) < 2 or writes[-1].thread == writes[-2].thread:
        return Pattern()
    lost, over = writes[-2:]
    reads = [e for e in events if e.op is Op.READ and e.thread == over.thread]
    happened = finding.status is Status.OBSERVED
    made = Pattern((over.seq, lost.seq, "overwrites" if happened else "can overwrite"))
    made.windows = [(reads[-1].seq, over.seq)] if reads else []
    made.notes = {lost.seq: "LOST" if happened else "can be lost"}
    return made


def _check_then_act(finding: Finding, events: Sequence[Event]) -> Pattern:
    happened = finding.status is Status.OBSERVED
    if len(events) == 2:  # a check of a queue, by a consumer that leaves, and a put
        check, put = events
        return Pattern((check.seq, put.seq, "came too early" if happened else "can come first"))
    if finding.rule is Rule.LOST_WAKEUP:
        look, _, notify, wait = events
        made = Pattern((notify.seq, wait.seq, "comes before" if happened else "can come before"))
        made.windows = [(look.seq, wait.seq)]
        return made
    if finding.rule is Rule.BOTH_ACT:
        other, check, act = events
        made = Pattern((other.seq, act.seq, "can act too"), ordered=False)
    else:
        check, other, act = events
        made = Pattern((other.seq, act.seq, "comes between" if happened else "can come between"))
    made.windows = [(check.seq, act.seq)]
    return made


def _conflict(events: Sequence[Event]) -> tuple[int, int] | None:
    """The first two accesses of two threads to one location of which one is no read."""
    for i, first in enumerate(events):
        for second in events[i + 1 :]:
            if first.thread.id == second.thread.id or first.location != second.location:
                continue
            if first.op.is_access and {first.op, second.op} != {Op.READ}:
                return first.seq, second.seq
    return None
