"""All that findings can be, in one table: which engine finds it, its title, and its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..events import Finding, Kind, Rule
from . import deadlocks, explain
from . import explain_primitives as primitives
from .found import Found

TITLES: Mapping[Kind, str] = {
    Kind.LOST_UPDATE: "Lost update",
    Kind.DATA_RACE: "Data race",
    Kind.ATOMICITY_VIOLATION: "Atomicity violation",
    Kind.DEADLOCK: "Deadlock",
}


@dataclass(frozen=True, slots=True)
class Row:
    """`engine` is the file in `core/src/analysis` that finds it. `explain` makes what happened a
    sentence or more; `advice` says how to fix it, and may depend on what was found. `name` is the
    title where it is another one than the kind's."""

    kind: Kind
    engine: str
    explain: Callable[[Found], str]
    advice: str | Callable[[Found], str]
    name: str = ""

    @property
    def title(self) -> str:
        """What a report calls it: `Lost update`."""
        return self.name or TITLES[self.kind]

    @property
    def documentation(self) -> str:
        """Where the meaning is explained."""
        return f"docs/reading-a-report.md#{self.kind}"


_LOST_UPDATE, _DATA_RACE = Kind.LOST_UPDATE, Kind.DATA_RACE
_ATOMICITY, _DEADLOCK = Kind.ATOMICITY_VIOLATION, Kind.DEADLOCK

_ONE_SECTION = "Make the test and the act one critical section: hold one lock over both."
_ONE_PUT = "Make the test and the put one critical section: hold one lock over both."
_CATCH = "Catch what it raises, or hold one lock over the test that it needs and the act."
_ONE_LOCK = (
    "Guard both accesses with one lock, or make one wait for the other (join, Event, Queue)."
)
_COPY = "Iterate over a copy made under the lock that also guards the changes."
_EITHER = "Fine if either order will do; else guard both with one lock."
_FLAG = (
    "Make the test and the act one critical section (hold one lock over both), or let a Lock's"
    " acquire(blocking=False) be both."
)
_ACQUIRE = "Do not ask first: let acquire(blocking=False) be the test and the act, or just wait."
_BARRIER = "Make the test and the act one critical section, or go by what wait() returns."
_FUTURE = "Catch InvalidStateError in place of asking, or hold one lock over the test and the act."
_RELEASE = "Let only the thread that has acquired it release it, or hold one lock over both."
_SENTINEL = (
    "Let the consumer block in get() and end it with a sentinel item, instead of asking whether the"
    " queue is empty."
)
_NOWAIT = (
    "Do not ask first: call the operation itself, without blocking or with a timeout, and catch"
    " queue.Empty or queue.Full."
)

RULES: Mapping[Rule, Row] = {
    Rule.LOST_UPDATE: Row(
        _LOST_UPDATE, "lost_updates", explain.lost_update, explain.lost_update_advice
    ),
    Rule.ACCESS: Row(_DATA_RACE, "races", explain.data_race, _ONE_LOCK),
    Rule.ITERATE: Row(_DATA_RACE, "races", explain.data_race, _COPY),
    Rule.ORDER: Row(_DATA_RACE, "races", explain.unordered, _EITHER),
    Rule.CHECK_THEN_ACT: Row(
        _ATOMICITY, "atomicity", explain.check_then_act, explain.check_then_act_advice
    ),
    Rule.BOTH_ACT: Row(_ATOMICITY, "atomicity", explain.check_then_act, _ONE_SECTION),
    Rule.FAILED: Row(_ATOMICITY, "failures", explain.failed, _ONE_SECTION),
    Rule.ACT_FAILED: Row(_ATOMICITY, "failures", explain.failed, _CATCH),
    Rule.LOST_WAKEUP: Row(_ATOMICITY, "wakeups", explain.lost_wakeup, explain.lost_wakeup_advice),
    Rule.FLAG: Row(_ATOMICITY, "flag_checks", primitives.flag, _FLAG),
    Rule.LOOK_ACQUIRE: Row(_ATOMICITY, "state_checks", primitives.state, _ACQUIRE),
    Rule.LOOK_BARRIER: Row(_ATOMICITY, "state_checks", primitives.state, _BARRIER),
    Rule.LOOK_FUTURE: Row(_ATOMICITY, "state_checks", primitives.state, _FUTURE),
    Rule.LOOK_RELEASE: Row(_ATOMICITY, "state_checks", primitives.state, _RELEASE),
    Rule.QUEUE_EMPTY: Row(_ATOMICITY, "queue_leaving", primitives.queue_left, _SENTINEL),
    Rule.QUEUE_EMPTY_FED: Row(_ATOMICITY, "queue_leaving", primitives.queue_left, _SENTINEL),
    Rule.QUEUE_GET: Row(_ATOMICITY, "queue_checks", primitives.queue, _NOWAIT),
    Rule.QUEUE_GET_FAILS: Row(_ATOMICITY, "queue_checks", primitives.queue, _NOWAIT),
    Rule.QUEUE_PUT: Row(_ATOMICITY, "queue_checks", primitives.queue, _NOWAIT),
    Rule.QUEUE_PUT_FAILS: Row(_ATOMICITY, "queue_checks", primitives.queue, _NOWAIT),
    Rule.QUEUE_PUT_TWICE: Row(_ATOMICITY, "queue_checks", primitives.put_twice, _ONE_PUT),
    Rule.CIRCLE: Row(_DEADLOCK, "deadlocks", deadlocks.circle, deadlocks.circle_advice),
    Rule.HANG: Row(_DEADLOCK, "deadlocks", deadlocks.hang, deadlocks.hang_advice, "Hang"),
}


def title(finding: Finding) -> str:
    """What a report calls the finding: `Lost update`."""
    return TITLES[finding.kind] if finding.rule is None else RULES[finding.rule].title


def words(found: Found) -> tuple[str, str]:
    """What happened, and how to fix it."""
    row = RULES[found.rule]
    explanation = row.explain(found)
    if len(found.raw["places"]) > 1:
        explanation += f" The same was found in {len(found.raw['places'])} such locations."
    return explanation, row.advice if isinstance(row.advice, str) else row.advice(found)
