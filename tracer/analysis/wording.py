"""The parts of which sentences about events are made."""

from __future__ import annotations

from collections.abc import Sequence

from .. import printing
from ..events import NO_VALUE, Event, Location, LocationKind, Object, Op, Outcome, Ref
from .found import Found

_VALUE_WIDTH = 60
_VOWELS = frozenset("aeiou")
_LOOKUP_ERRORS = frozenset(
    ["AttributeError", "IndexError", "KeyError", "LookupError", "NameError", "UnboundLocalError"]
)

PAST = {
    Op.READ: "read",
    Op.WRITE: "wrote",
    Op.DELETE: "deleted",
    Op.UPDATE: "updated",
    Op.ITERATE: "iterated over",
    Op.GET: "got",
    Op.PUT: "put",
}
_PRESENT = {
    Op.READ: "reads",
    Op.WRITE: "writes",
    Op.DELETE: "deletes",
    Op.UPDATE: "updates",
    Op.ITERATE: "iterates over",
    Op.GET: "gets from",
    Op.PUT: "puts into",
}


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


def subject(found: Found, otherwise: str = "it") -> str:
    """What the finding is about: its variable, else its object."""
    if found.location is not None:
        return variable(found.location)
    return f"`{found.object.name}`" if found.object is not None else otherwise


def value(event: Event) -> str:
    """The event's value, shortened; empty if it has none."""
    if event.value is NO_VALUE:
        return ""
    if isinstance(event.value, Ref):
        kind = event.value.type
        article = "an" if kind[:1].lower() in _VOWELS else "a"
        return f"{article} {kind}" if kind == "object" else f"{article} {kind} object"
    return printing.quoted(event.value, _VALUE_WIDTH)


def at(event: Event) -> str:
    """` at race.py:8`; empty where that is unknown."""
    if event.site is None:
        return ""
    return f" at {event.site.place}"


def did(event: Event) -> str:
    """What the thread did in the run: `main.1 read 100 at race.py:8`."""
    if event.op is Op.READ and event.outcome is Outcome.RAISED and isinstance(event.value, str):
        error = printing.name(event.value)
        if error in _LOOKUP_ERRORS:
            return f"{event.thread.label} found nothing{at(event)} ({error})"
        return f"{event.thread.label} failed to read it{at(event)} ({error})"
    verb = PAST.get(event.op, event.op.label)
    what = value(event) if event.op in (Op.READ, Op.WRITE) else ""
    return f"{event.thread.label} {verb} {what or 'it'}{at(event)}"


def would(event: Event) -> str:
    """What it does in another order, in which values are other ones."""
    word = _PRESENT.get(event.op, f"asks {event.op.label} of")
    return f"{event.thread.label} {word} it{at(event)} (event {event.seq})"


def holding(held: Sequence[Object]) -> str:
    """`holding a, b`."""
    return f"holding {', '.join(lock.name for lock in held)}" if held else "holding no lock"


def many(found: Found) -> str:
    """How many threads do this, where these are more than two."""
    threads = len(found.raw["threads"])
    return f" {threads} threads do this." if threads > 2 else ""
