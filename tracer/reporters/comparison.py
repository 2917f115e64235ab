"""What tells two traces apart, as text and as the JSON of `trace diff --format json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracer.analysis.difference import Difference, Parting
from tracer.events import Event, Finding
from tracer.printing import printable
from tracer.reporters import json
from tracer.reporters.internals import own_threads
from tracer.reporters.phrases import line_of, phrase, plural, thread_name
from tracer.reporters.text import title
from tracer.trace import Trace


def text(first: Trace, second: Trace, found: Difference) -> str:
    """The comparison in words; the first trace is called A and the second B."""
    lines = [f"{name}: {_summary(trace)}" for name, trace in (("A", first), ("B", second))]
    parting = found.parting
    if parting is None:
        lines += ["", f"the same interleaving: {plural(found.common, 'event')}"]
    else:
        lines += ["", *_parting(found.common, parting)]
    lines += [
        f"exit status of {path}: {_status(before)} in A, {_status(after)} in B"
        for path, before, after in found.exits
    ]
    if parting is not None:
        lines += ["", *_findings(found)]
    return "\n".join(lines)


def divergence(found: Difference) -> str:
    """Where a replayed run, B, that ended there parted from the recorded one, A, in words."""
    return "\n".join(_parting(found.common, found.parting) if found.parting else [])


def as_json(first: Trace, second: Trace, found: Difference) -> dict[str, Any]:
    """The JSON object of `trace diff`, described in docs/json.md."""
    parting = found.parting
    return {
        "a": _path(first),
        "b": _path(second),
        "same": found.same,
        "common": found.common,
        "parting": None
        if parting is None
        else {
            "a": _event(parting.first),
            "b": _event(parting.second),
            "fields": list(parting.fields),
            "a_later": None if parting.first_later is None else parting.first_later.seq,
            "b_later": None if parting.second_later is None else parting.second_later.seq,
            "before": [json.of_event(one) for one in parting.before],
            "a_next": [json.of_event(one) for one in parting.first_next],
            "b_next": [json.of_event(one) for one in parting.second_next],
        },
        "gone": [json.of_finding(one) for one in found.gone],
        "appeared": [json.of_finding(one) for one in found.appeared],
        "changed": [{"a": json.of_finding(a), "b": json.of_finding(b)} for a, b in found.changed],
        "exits": [{"process": path, "a": a, "b": b} for path, a, b in found.exits],
    }


def _path(trace: Trace) -> str | None:
    return None if trace.path is None else str(trace.path)


def _summary(trace: Trace) -> str:
    counts = f"{plural(len(trace.events), 'event')}, {plural(len(own_threads(trace)), 'thread')}"
    return f"{_path(trace) or 'a trace in memory'} ({counts})"


def _parting(common: int, parting: Parting) -> list[str]:
    lines = [f"the same for {plural(common, 'event')}, then they part:"]
    if parting.before:
        lines += ["", "  both"]
        lines += _table(parting.before)
    sides = (
        ("A", parting.first, parting.first_next, parting.first_later, "B"),
        ("B", parting.second, parting.second_next, parting.second_later, "A"),
    )
    for name, event, following, later, other in sides:
        if event is None:
            lines += ["", f"  {name} ends here", *_standing(parting)]
            continue
        lines += ["", f"  {name}", *_table((event, *following), mark=True)]
        if later is not None:
            lines.append(f"    ({other} does this as event {later.seq})")
    if parting.fields:
        lines += ["", f"  different: {', '.join(parting.fields)}"]
    return lines


def _standing(parting: Parting) -> list[str]:
    """Where the thread that goes on in the other trace was last seen in the one that ends."""
    other = parting.first or parting.second
    if other is None:
        return []
    if parting.last is None:
        return [f"    (it has no {thread_name(other.thread)})"]
    return [f"    (the last that {thread_name(other.thread)} did)", *_table((parting.last,))]


def _table(events: Sequence[Event], mark: bool = False) -> list[str]:
    """The events in columns; `mark` puts an arrow before the first."""
    names = [thread_name(event.thread) for event in events]
    words = [phrase(event) for event in events]
    wide, long = max(map(len, names)), max(map(len, words))
    return [
        f"  {'>' if mark and not index else ' '} {event.seq:>7}  {name:<{wide}}  "
        f"{what:<{long}}  {line_of(event)}".rstrip()
        for index, (event, name, what) in enumerate(zip(events, names, words, strict=True))
    ]


def _findings(found: Difference) -> list[str]:
    if not (found.gone or found.appeared or found.changed):
        return ["the same findings"]
    return [
        *(f"only in A: {_title(one)}" for one in found.gone),
        *(f"only in B: {_title(one)}" for one in found.appeared),
        *(f"in both: {_title(a)} in A, {b.status} in B" for a, b in found.changed),
    ]


def _title(finding: Finding) -> str:
    lines = ", ".join(dict.fromkeys(printable(s.place) for s in finding.sites))
    return f"{title(finding)}{' at ' if lines else ''}{lines}"


def _status(status: int | None) -> str:
    return "unknown" if status is None else str(status)


def _event(event: Event | None) -> dict[str, Any] | None:
    return None if event is None else json.of_event(event)
