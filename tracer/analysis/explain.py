"""Findings in words: who did what where, with which values, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracer import printing
from tracer.events import NO_VALUE, Event, Location, LocationKind, Object, Op, Ref

if TYPE_CHECKING:
    from tracer._core import RawFinding

Locks = Sequence[Sequence[Object]]

_VALUE_WIDTH = 60

_PAST = {
    Op.READ: "read",
    Op.WRITE: "wrote",
    Op.DELETE: "deleted",
    Op.UPDATE: "updated",
    Op.ITERATE: "iterated over",
    Op.GET: "got",
    Op.PUT: "put",
}


# What a look at a primitive's state said, what another one does to it, the harm, and the advice.
_STATES = {
    "look-acquire": (
        "that it was free",
        "acquires it",
        "Then {thread} waits, though it was not to.",
        "Do not ask first: let acquire(blocking=False) be the test and the act, or just wait.",
    ),
    "look-release": (
        "that it was held",
        "releases it",
        "Then it is released twice, or from under the thread that has it.",
        "Let only the thread that has acquired it release it, or hold one lock over both.",
    ),
    "look-barrier": (
        "how many wait there",
        "arrives there",
        "Then it is another number.",
        "Make the test and the act one critical section, or go by what wait() returns.",
    ),
    "look-future": (
        "that it was open",
        "finishes it",
        "The second to finish it fails.",
        "Catch InvalidStateError in place of asking, or hold one lock over the test and the act.",
    ),
}


def explain(
    raw: RawFinding,
    events: Sequence[Event],
    location: Location | None,
    object: Object | None,
    locks: Locks,
    *,
    waited: bool = False,
) -> tuple[str, str]:
    """The explanation of a finding, and the advice. `waited`: for a Condition, between the check
    and the act."""
    if raw["rule"].startswith("queue-"):
        return _queue(raw, events, object)
    if raw["rule"] == "flag":
        return _flag(raw, events, object)
    if raw["rule"] in _STATES:
        return _state(raw, events, object)
    assert location is not None
    name = variable(location)
    if raw["kind"] == "lost-update":
        explanation, advice = _lost_update(raw, events, name, locks)
    elif raw["rule"] == "lost-wakeup":
        explanation, advice = _lost_wakeup(raw, events, name)
    elif raw["kind"] == "data-race":
        explanation, advice = _data_race(raw, events, name, locks)
    else:
        explanation, advice = _check_then_act(raw, events, name)
        if waited:
            advice = (
                "Test again after the wait: `while` in place of `if` around wait(), or wait_for()."
            )
    if len(raw["places"]) > 1:
        explanation += f" The same was found in {len(raw['places'])} such locations."
    return explanation, advice


def variable(location: Location) -> str:
    """A location as a person would call it: global `num`, `counter.value`, the contents of `d`."""
    name = location.short
    match location.kind:
        case LocationKind.GLOBAL:
            return f"global `{name}`"
        case LocationKind.CONTENTS:
            return f"the contents of `{location.object.name if location.object else name}`"
        case LocationKind.CELL:
            return f"variable `{name}`"
        case _:
            return f"`{name}`"


def _value(event: Event) -> str:
    if event.value is NO_VALUE:
        return ""
    if isinstance(event.value, Ref):
        return f"a {event.value.type} object"
    return printing.quoted(event.value, _VALUE_WIDTH)


def _at(event: Event) -> str:
    if event.site is None:
        return ""
    return f" at {event.site.place}"


def _did(event: Event, *, value: bool = True) -> str:
    verb = _PAST.get(event.op, event.op.label)
    what = _value(event) if value and event.op in (Op.READ, Op.WRITE) else ""
    return f"{event.thread.label} {verb} {what or 'it'}{_at(event)}"


def _would(event: Event) -> str:
    verb = {Op.READ: "reads", Op.WRITE: "writes", Op.DELETE: "deletes", Op.UPDATE: "updates"}
    verbs = {**verb, Op.ITERATE: "iterates over", Op.GET: "gets from", Op.PUT: "puts into"}
    word = verbs.get(event.op, f"asks {event.op.label} of")
    return f"{event.thread.label} {word} it{_at(event)} (event {event.seq})"


def _holding(held: Sequence[Object]) -> str:
    return f"holding {', '.join(lock.name for lock in held)}" if held else "holding no lock"


def _many(raw: RawFinding) -> str:
    threads = len(raw["threads"])
    return f" {threads} threads do this." if threads > 2 else ""


def _lost_update(
    raw: RawFinding, events: Sequence[Event], name: str, locks: Locks
) -> tuple[str, str]:
    advice = (
        "Hold one lock from the read to the write, in every thread that changes it (with lock: …)."
    )
    if raw["observed"]:
        read, other, write = events
        place = "" if write.site == other.site else _at(write)
        text = f"Lost update on {name}: {_did(read)}, {_did(other)}, then {write.thread.label}"
        text += f" wrote {_value(write) or 'its own value'} over it{place}."
        if raw["total"] and raw["count"] <= raw["total"]:
            text += f" {raw['count']} of {raw['total']} updates were lost."
        else:
            text += f" {raw['count']} writes were lost."
        return text, advice
    by_seq = {event.seq: event for event in events}
    order = [by_seq[seq] for seq in raw["witness"]]
    text = (
        f"Lost update predicted on {name}: it did not happen in this run, but the same accesses in "
        f"another order allowed by happens-before lose an update: "
    )
    text += ", ".join(_would(event) for event in order[:-1])
    text += f", then {order[-1].thread.label} writes over it{_at(order[-1])}"
    text += f" (event {order[-1].seq}) what it computed from the old value."
    if all(locks) and not raw["not_needed"]:
        text += " Every access is locked, but the read and the write are in two critical sections."
        advice = "Make the read and the write one critical section: keep the lock between them."
    return text + _many(raw), advice


def _data_race(
    raw: RawFinding, events: Sequence[Event], name: str, locks: Locks
) -> tuple[str, str]:
    first, second = events
    if raw["rule"] == "order":
        text = f"on {name}: {_did(first)} and {_did(second)}, and nothing orders the two"
        return text, "Fine if either order will do; else guard both with one lock."
    text = (
        f"Data race on {name}: {_did(first)} ({_holding(locks[0])}) and {_did(second)} "
        f"({_holding(locks[1])}), and no synchronization orders the two."
    )
    if raw["rule"] == "iterate":
        text += " A container that changes while it is iterated over raises, or skips items."
        return text, "Iterate over a copy made under the lock that also guards the changes."
    if raw["count"] > 1:
        text += f" Seen {raw['count']} times."
    return text, (
        "Guard both accesses with one lock, or make one wait for the other (join, Event, Queue)."
    )


def _lost_wakeup(raw: RawFinding, events: Sequence[Event], name: str) -> tuple[str, str]:
    by_seq = {event.seq: event for event in events}
    order = events if raw["observed"] else [by_seq[seq] for seq in raw["witness"]]
    look, change, notify, wait = order
    condition = wait.object.name if wait.object is not None else "the Condition"
    text = f"Lost wakeup on {name}: {_did(look)} and then waited for {condition}{_at(wait)}, "
    if raw["observed"]:
        text += f"but in between {_did(change)} and notified {condition}{_at(notify)}."
    else:
        text += f"and nothing keeps {change.thread.label}, which {_PAST[change.op]} it{_at(change)}"
        text += f" and notified {condition}{_at(notify)}, from coming between."
    text += f" Then the wait is for nothing.{_many(raw)}"
    return text, (
        f"Look under the lock of {condition}, and again after each wait (with {condition}: while …:"
        f" {condition}.wait())."
    )


def _failed(raw: RawFinding, events: Sequence[Event], name: str) -> tuple[str, str]:
    """An act that raised, with the check before it if there was one."""
    *checks, other, act = events
    error = printing.name(act.value) if isinstance(act.value, str) else "an exception"
    text = f"Act that failed on {name}: "
    if checks:
        text = f"Check-then-act on {name}: {_did(checks[0])}, and "
    apart = act.seq - other.seq
    before = f"{apart} event{'s' if apart > 1 else ''} before"
    code = (
        f" (`{printing.name(act.site.text.splitlines()[0])}`)"
        if act.site is not None and act.site.text
        else ""
    )
    text += (
        f"what {act.thread.label} did{_at(act)}{code} raised {error} because {other.thread.label} "
    )
    text += f"{_PAST.get(other.op, other.op.label)} it{_at(other)}, {before}.{_many(raw)}"
    if checks:
        return text, "Make the test and the act one critical section: hold one lock over both."
    return text, "Catch what it raises, or hold one lock over the test that it needs and the act."


def _check_then_act(raw: RawFinding, events: Sequence[Event], name: str) -> tuple[str, str]:
    if raw["rule"] in ("failed", "act-failed"):
        return _failed(raw, events, name)
    advice = "Make the test and the act one critical section: hold one lock over both."
    if raw["observed"]:
        check, other, act = events
        text = f"Check-then-act on {name}: {_did(check)} and acted on it{_at(act)}, but in between "
        return f"{text}{_did(other)}; what was checked no longer held.{_many(raw)}", advice
    by_seq = {event.seq: event for event in events}
    order = [by_seq[seq] for seq in raw["witness"]]
    text = (
        f"Check-then-act predicted on {name}: it did not happen in this run, but another order "
        "allowed by happens-before breaks the check: "
    )
    text += ", ".join(_would(event) for event in order)
    if raw["rule"] == "both-act":
        text += f"; both see {_value(order[1]) or 'the same'}, and {order[0].thread.label} acts too"
    return f"{text}.{_many(raw)}", advice


def _flag(raw: RawFinding, events: Sequence[Event], object: Object | None) -> tuple[str, str]:
    name = f"`{object.name}`" if object is not None else "an event"
    if raw["observed"]:
        look, other, act = events
        seen = "set" if look.value is True else "not set"
        text = f"Check-then-act on {name}: {look.thread.label} saw that it was {seen}{_at(look)} "
        text += (
            f"and called {act.op.label}(){_at(act)}, but in between {other.thread.label} did the "
        )
        text += f"same{_at(other)}: what rests on the test is done by both."
    else:
        by_seq = {event.seq: event for event in events}
        late, look, act = (by_seq[seq] for seq in raw["witness"])
        seen = "set" if look.value is True else "not set"
        text = f"Check-then-act predicted on {name}: {look.thread.label} saw that it was {seen}"
        text += f"{_at(look)} (event {look.seq}) and then called {act.op.label}(){_at(act)} (event "
        text += (
            f"{act.seq}). Nothing keeps {late.thread.label} from asking (event {late.seq}) before "
        )
        text += "that; then both see the same, and both go on."
    return f"{text}{_many(raw)}", (
        "Make the test and the act one critical section (hold one lock over both), or let a "
        "Lock's acquire(blocking=False) be both."
    )


def _queue_left(raw: RawFinding, events: Sequence[Event], name: str) -> tuple[str, str]:
    check = next(event for event in events if event.op != Op.PUT)
    put = next(event for event in events if event.op == Op.PUT)
    text = f"Check-then-act on {name}: {check.thread.label} checks {check.op.label}(){_at(check)}"
    text += " and leaves when the queue is empty, but nothing orders that after"
    came = f"the put (event {put.seq})"
    if raw["rule"] == "queue-empty-fed":
        came = "the item"
        text += f" the coming of {put.thread.label}'s item (put{_at(put)}): put() only hands it"
        text += " to a thread of the queue, which sends it later. "
    else:
        text += f" {put.thread.label}'s put{_at(put)}. "
    if raw["observed"]:
        text += f"In this run it left before {came}: the item can stay in the queue"
    else:
        text += f"It did not happen in this run, but if the check (event {check.seq}) comes before "
        text += f"{came}, the consumer leaves and the item stays in the queue"
    return f"{text}, and a join() of the queue waits forever.", (
        "Let the consumer block in get() and end it with a sentinel item, instead of asking "
        "whether the queue is empty."
    )


def _put_twice(raw: RawFinding, events: Sequence[Event], name: str) -> tuple[str, str]:
    check = next(event for event in events if event.op is Op.EMPTY)
    act = next(e for e in events if e.thread == check.thread and e.op is not Op.EMPTY)
    other = next(event for event in events if event.thread != check.thread)
    text = f"Check-then-act on {name}: {check.thread.label} finds it empty{_at(check)} and puts"
    text += f" into it{_at(act)}, "
    if raw["observed"]:
        text += f"but in between {other.thread.label} has put{_at(other)}: both items are inside."
    else:
        text += f"and nothing keeps {other.thread.label}{_at(other)} (event {other.seq}) from doing"
        text += " the same in between: both find it empty, and both put."
    return text, "Make the test and the put one critical section: hold one lock over both."


def _queue(raw: RawFinding, events: Sequence[Event], object: Object | None) -> tuple[str, str]:
    name = f"`{object.name}`" if object is not None else "a queue"
    if raw["rule"] in ("queue-empty", "queue-empty-fed"):
        return _queue_left(raw, events, name)
    if raw["rule"] == "queue-put-twice":
        return _put_twice(raw, events, name)
    act_word = "item" if raw["rule"].startswith("queue-get") else "free place"
    order = events
    if not raw["observed"]:
        by_seq = {event.seq: event for event in events}
        order = [by_seq[seq] for seq in raw["witness"]]
    check, other, act = order
    verb = printing.name(str(act.value)) if act.op is Op.REQUEST else act.op.label
    fails = raw["rule"].endswith("-fails")
    text = f"Check-then-act on {name}: {check.thread.label} asked {check.op.label}(){_at(check)} "
    if raw["observed"]:
        text += f"and called {verb}{_at(act)}, but in between {other.thread.label} called "
        text += f"{other.op.label}{_at(other)}: the {act_word} that it saw was gone, and it "
        text += f"{'failed' if fails else 'had to wait'}."
    else:
        text += f"before its {verb}{_at(act)} (event {act.seq}), and nothing keeps "
        if other.op in (Op.GET, Op.PUT):
            text += f"the {other.op.label} of {other.thread.label}{_at(other)} (event {other.seq}) "
            text += "from coming between. "
        else:
            text += f"{other.thread.label} from asking{_at(other)} (event {other.seq}) before that "
            text += "and acting on it too. "
        text += f"The {act_word} that it saw can be gone, and it {'fails' if fails else 'waits'}."
    return text, (
        "Do not ask first: call the operation itself, without blocking or with a timeout, and "
        "catch queue.Empty or queue.Full."
    )


def _state(raw: RawFinding, events: Sequence[Event], object: Object | None) -> tuple[str, str]:
    """A look at a lock, semaphore, barrier or future, and the act that rests on it."""
    saw, does, harm, advice = _STATES[raw["rule"]]
    name = f"`{object.name}`" if object is not None else "a lock"
    by_seq = {event.seq: event for event in events}
    order = raw["events"] if raw["observed"] else raw["witness"]
    look, other, act = (by_seq[seq] for seq in order)
    text = f"Check-then-act on {name}: {look.thread.label} saw {saw}{_at(look)} and went on to"
    text += f" {act.op.label}{_at(act)}"
    if raw["observed"]:
        does = "asks, too," if other.op in (Op.LOOK, Op.POLL, Op.READ) else does
        text += f", but in between {other.thread.label} {does}{_at(other)}."
    else:
        text += f" (event {act.seq}), and nothing keeps {other.thread.label}"
        place = f"{_at(other)} (event {other.seq})"
        if other.op in (Op.LOOK, Op.POLL, Op.READ):
            text += f" from asking{place} before that, and doing the same."
        else:
            text += f", which {does}{place}, from coming between."
    return f"{text} {harm.format(thread=look.thread.label)}{_many(raw)}", advice
