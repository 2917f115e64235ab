"""What goes wrong with a variable, in words: who did what where, with which values."""

from __future__ import annotations

from .. import printing
from ..events import Op, Rule
from .found import Found
from .wording import PAST, at, did, holding, many, subject, value, would


def lost_update(found: Found) -> str:
    """Of a variable, or an item, that several change."""
    name, raw = subject(found), found.raw
    if found.observed:
        read, other, write = found.events
        place = "" if write.site == other.site else at(write)
        text = f"Lost update on {name}: {did(read)}, {did(other)}, then {write.thread.label}"
        text += f" wrote {value(write) or 'its own value'} over it{place}."
        if raw["total"] and raw["count"] <= raw["total"]:
            return f"{text} {raw['count']} of {raw['total']} updates were lost."
        return f"{text} {raw['count']} writes were lost."
    order = found.order
    text = (
        f"Lost update predicted on {name}: it did not happen in this run, but the same accesses in "
        f"another order allowed by happens-before lose an update: "
    )
    text += ", ".join(would(event) for event in order[:-1])
    text += f", then {order[-1].thread.label} writes over it{at(order[-1])}"
    text += f" (event {order[-1].seq}) what it computed from the old value."
    if _is_in_two_sections(found):
        text += " Every access is locked, but the read and the write are in two critical sections."
    return text + many(found)


def lost_update_advice(found: Found) -> str:
    """How to keep the read and the write together."""
    if _is_in_two_sections(found):
        return "Make the read and the write one critical section: keep the lock between them."
    return (
        "Hold one lock from the read to the write, in every thread that changes it (with lock: …)."
    )


def _is_in_two_sections(found: Found) -> bool:
    return not found.observed and all(found.locks) and not found.raw["not_needed"]


def data_race(found: Found) -> str:
    """Of two accesses."""
    first, second = found.events
    text = (
        f"Data race on {subject(found)}: {did(first)} ({holding(found.locks[0])}) and {did(second)}"
        f" ({holding(found.locks[1])}), and no synchronization orders the two."
    )
    if found.rule is Rule.ITERATE:
        return f"{text} A container that changes while it is iterated over raises, or skips items."
    return f"{text} Seen {found.raw['count']} times." if found.raw["count"] > 1 else text


def unordered(found: Found) -> str:
    """Of two accesses of which only the order is open."""
    first, second = found.events
    return f"on {subject(found)}: {did(first)} and {did(second)}, and nothing orders the two"


def lost_wakeup(found: Found) -> str:
    """Of a variable, and the Condition that its change is told by."""
    look, change, notify, wait = found.order
    name = _condition(found)
    text = f"Lost wakeup on {subject(found)}: {did(look)} and then waited for {name}{at(wait)}, "
    if found.observed:
        text += f"but in between {did(change)} and notified {name}{at(notify)}."
    else:
        text += f"and nothing keeps {change.thread.label}, which {PAST[change.op]} it{at(change)}"
        text += f" and notified {name}{at(notify)}, from coming between."
    return f"{text} Then the wait is for nothing.{many(found)}"


def lost_wakeup_advice(found: Found) -> str:
    """How to look and wait in one."""
    name = _condition(found)
    return (
        f"Look under the lock of {name}, and again after each wait (with {name}: while …:"
        f" {name}.wait())."
    )


def _condition(found: Found) -> str:
    condition = found.order[-1].object
    return condition.name if condition is not None else "the Condition"


def failed(found: Found) -> str:
    """An act that raised, with the check before it if there was one."""
    *checks, other, act = found.events
    error = printing.name(act.value) if isinstance(act.value, str) else "an exception"
    text = f"Act that failed on {subject(found)}: "
    if checks:
        text = f"Check-then-act on {subject(found)}: {did(checks[0])}, and "
    apart = act.seq - other.seq
    before = f"{apart} event{'s' if apart > 1 else ''} before"
    code = (
        f" (`{printing.name(act.site.text.splitlines()[0])}`)"
        if act.site is not None and act.site.text
        else ""
    )
    text += (
        f"what {act.thread.label} did{at(act)}{code} raised {error} because {other.thread.label} "
    )
    return f"{text}{PAST.get(other.op, other.op.label)} it{at(other)}, {before}.{many(found)}"


def check_then_act(found: Found) -> str:
    """A check of a variable, and the act that rests on it."""
    order = found.order
    if found.observed:
        check, other, act = order
        text = f"Check-then-act on {subject(found)}: {did(check)} and acted on it{at(act)}, "
        return f"{text}but in between {did(other)}; what was checked no longer held.{many(found)}"
    text = (
        f"Check-then-act predicted on {subject(found)}: it did not happen in this run, but another"
        " order allowed by happens-before breaks the check: "
    )
    text += ", ".join(would(event) for event in order)
    if found.rule is Rule.BOTH_ACT:
        text += f"; both see {value(order[1]) or 'the same'}, and {order[0].thread.label} acts too"
    return f"{text}.{many(found)}"


def check_then_act_advice(found: Found) -> str:
    """How to keep the check and the act together; of a check before a wait, to check again."""
    if _waits_in_between(found):
        return "Test again after the wait: `while` in place of `if` around wait(), or wait_for()."
    return "Make the test and the act one critical section: hold one lock over both."


def _waits_in_between(found: Found) -> bool:
    """Whether the thread waited for a Condition between its check and its act."""
    check, act = found.order[0], found.order[-1]
    thread = found.trace.events.at(check.seq).thread  # not the task of it
    waits = found.trace.events.filter(thread=thread, op=Op.WAIT, seq_range=(check.seq, act.seq))
    return any(event.object is not None and event.object.kind == "Condition" for event in waits)
