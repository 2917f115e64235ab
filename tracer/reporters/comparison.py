"""What tells two traces apart, as text and as the JSON of `trace diff --format json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..analysis.difference import Difference, Divergence
from ..events import Event, Finding
from ..printing import printable
from ..trace import Trace
from . import json
from .internals import own_threads
from .phrases import line_of, phrase, plural, thread_name
from .text import title


def text(first: Trace, second: Trace, found: Difference) -> str:
    """The comparison in words; the first trace is called A and the second B."""
    lines = [f"{name}: {_summary(trace)}" for name, trace in (("A", first), ("B", second))]
    divergence = found.divergence
    if divergence is None:
        lines += ["", f"the same interleaving: {plural(found.common, 'event')}"]
    else:
        lines += ["", *_divergence(found.common, divergence)]
    lines += [
        f"exit status of {path}: {_status(before)} in A, {_status(after)} in B"
        for path, before, after in found.exits
    ]
    if divergence is not None:
        lines += ["", *_findings(found)]
    return "\n".join(lines)


def divergence(found: Difference) -> str:
    """Where a replayed run, B, that ended there parted from the recorded one, A, in words."""
    return "\n".join(_divergence(found.common, found.divergence) if found.divergence else [])


def as_json(first: Trace, second: Trace, found: Difference) -> dict[str, Any]:
    """The JSON object of `trace diff`, described in docs/json.md."""
    divergence = found.divergence
    return {
        "a": _path(first),
        "b": _path(second),
        "same": found.same,
        "common": found.common,
        "parting": None
        if divergence is None
        else {
            "a": _event(divergence.first),
            "b": _event(divergence.second),
            "fields": list(divergence.fields),
            "a_later": None if divergence.first_later is None else divergence.first_later.seq,
            "b_later": None if divergence.second_later is None else divergence.second_later.seq,
            "before": [json.of_event(one) for one in divergence.before],
            "a_next": [json.of_event(one) for one in divergence.first_next],
            "b_next": [json.of_event(one) for one in divergence.second_next],
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


def _divergence(common: int, divergence: Divergence) -> list[str]:
    lines = [f"the same for {plural(common, 'event')}, then they diverge:"]
    if divergence.before:
        lines += ["", "  both"]
        lines += _table(divergence.before)
    sides = (
        ("A", divergence.first, divergence.first_next, divergence.first_later, "B"),
        ("B", divergence.second, divergence.second_next, divergence.second_later, "A"),
    )
    for name, event, following, later, other in sides:
        if event is None:
            lines += ["", f"  {name} ends here", *_standing(divergence)]
            continue
        lines += ["", f"  {name}", *_table((event, *following), mark=True)]
        if later is not None:
            lines.append(f"    ({other} does this as event {later.seq})")
    if divergence.fields:
        lines += ["", f"  different: {', '.join(divergence.fields)}"]
    return lines


def _standing(divergence: Divergence) -> list[str]:
    """Where the thread that goes on in the other trace was last seen in the one that ends."""
    other = divergence.first or divergence.second
    if other is None:
        return []
    if divergence.last is None:
        return [f"    (it has no {thread_name(other.thread)})"]
    return [f"    (the last that {thread_name(other.thread)} did)", *_table((divergence.last,))]


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
