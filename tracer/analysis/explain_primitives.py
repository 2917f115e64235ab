"""What goes wrong with an Event, a queue, a lock, a barrier or a future that is asked first."""

from __future__ import annotations

from dataclasses import dataclass

from .. import printing
from ..events import Event, Op, Rule
from .found import Found
from .wording import at, many, subject


def flag(found: Found) -> str:
    """`is_set()` of an Event, and `set()` or `clear()`."""
    name = subject(found, "an event")
    if found.observed:
        look, other, act = found.events
        text = f"Check-then-act on {name}: {look.thread.label} saw that it was {_seen(look)}"
        text += f"{at(look)} and called {act.op.label}(){at(act)}, but in between "
        text += f"{other.thread.label} did the same{at(other)}: what rests on the test is done by"
        return f"{text} both.{many(found)}"
    late, look, act = found.order
    text = f"Check-then-act predicted on {name}: {look.thread.label} saw that it was {_seen(look)}"
    text += f"{at(look)} (event {look.seq}) and then called {act.op.label}(){at(act)} (event "
    text += f"{act.seq}). Nothing keeps {late.thread.label} from asking (event {late.seq}) before "
    return f"{text}that; then both see the same, and both go on.{many(found)}"


def _seen(look: Event) -> str:
    return "set" if look.value is True else "not set"


def queue_left(found: Found) -> str:
    """A consumer that leaves when it finds the queue empty."""
    check = next(event for event in found.events if event.op != Op.PUT)
    put = next(event for event in found.events if event.op == Op.PUT)
    name = subject(found, "a queue")
    text = f"Check-then-act on {name}: {check.thread.label} checks {check.op.label}(){at(check)}"
    text += " and leaves when the queue is empty, but nothing orders that after"
    came = f"the put (event {put.seq})"
    if found.rule is Rule.QUEUE_EMPTY_FED:
        came = "the item"
        text += f" the coming of {put.thread.label}'s item (put{at(put)}): put() only hands it"
        text += " to a thread of the queue, which sends it later. "
    else:
        text += f" {put.thread.label}'s put{at(put)}. "
    if found.observed:
        text += f"In this run it left before {came}: the item can stay in the queue"
    else:
        text += f"It did not happen in this run, but if the check (event {check.seq}) comes before "
        text += f"{came}, the consumer leaves and the item stays in the queue"
    return f"{text}, and a join() of the queue waits forever."


def put_twice(found: Found) -> str:
    """Two that put into a queue that each found empty."""
    events = found.events
    check = next(event for event in events if event.op is Op.EMPTY)
    act = next(e for e in events if e.thread == check.thread and e.op is not Op.EMPTY)
    other = next(event for event in events if event.thread != check.thread)
    name = subject(found, "a queue")
    text = f"Check-then-act on {name}: {check.thread.label} finds it empty{at(check)} and puts"
    text += f" into it{at(act)}, "
    if found.observed:
        return (
            f"{text}but in between {other.thread.label} has put{at(other)}: both items are inside."
        )
    text += f"and nothing keeps {other.thread.label}{at(other)} (event {other.seq}) from doing"
    return f"{text} the same in between: both find it empty, and both put."


def queue(found: Found) -> str:
    """A check of a queue, and a `get` or `put` that then waits or fails."""
    room = found.rule in (Rule.QUEUE_PUT, Rule.QUEUE_PUT_FAILS)
    fails = found.rule in (Rule.QUEUE_GET_FAILS, Rule.QUEUE_PUT_FAILS)
    saw = f"The {'free place' if room else 'item'} that it saw"
    check, other, act = found.order
    verb = printing.name(str(act.value)) if act.op is Op.REQUEST else act.op.label
    name = subject(found, "a queue")
    text = f"Check-then-act on {name}: {check.thread.label} asked {check.op.label}(){at(check)} "
    if found.observed:
        text += f"and called {verb}{at(act)}, but in between {other.thread.label} called "
        text += f"{other.op.label}{at(other)}: {saw[0].lower()}{saw[1:]} was gone, and it "
        return f"{text}{'failed' if fails else 'had to wait'}."
    text += f"before its {verb}{at(act)} (event {act.seq}), and nothing keeps "
    if other.op in (Op.GET, Op.PUT):
        text += f"the {other.op.label} of {other.thread.label}{at(other)} (event {other.seq}) "
        text += "from coming between. "
    else:
        text += f"{other.thread.label} from asking{at(other)} (event {other.seq}) before that "
        text += "and acting on it too. "
    return f"{text}{saw} can be gone, and it {'fails' if fails else 'waits'}."


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at a primitive's state said, what another one does to it, and the harm."""

    saw: str
    does: str
    harm: str


_LOOKS = {
    Rule.LOOK_ACQUIRE: _Look(
        "that it was free", "acquires it", "Then {thread} waits, though it was not to."
    ),
    Rule.LOOK_RELEASE: _Look(
        "that it was held",
        "releases it",
        "Then it is released twice, or from under the thread that has it.",
    ),
    Rule.LOOK_BARRIER: _Look("how many wait there", "arrives there", "Then it is another number."),
    Rule.LOOK_FUTURE: _Look("that it was open", "finishes it", "The second to finish it fails."),
}


def state(found: Found) -> str:
    """A look at a lock, semaphore, barrier or future, and the act that rests on it."""
    known = _LOOKS[found.rule]
    look, other, act = found.order
    asks = other.op in (Op.LOOK, Op.POLL, Op.READ)
    text = f"Check-then-act on {subject(found, 'a lock')}: {look.thread.label} saw {known.saw}"
    text += f"{at(look)} and went on to {act.op.label}{at(act)}"
    if found.observed:
        does = "asks, too," if asks else known.does
        text += f", but in between {other.thread.label} {does}{at(other)}."
    else:
        text += f" (event {act.seq}), and nothing keeps {other.thread.label}"
        place = f"{at(other)} (event {other.seq})"
        if asks:
            text += f" from asking{place} before that, and doing the same."
        else:
            text += f", which {known.does}{place}, from coming between."
    return f"{text} {known.harm.format(thread=look.thread.label)}{many(found)}"
