"""The JSON of `--format json`: a contract, described field by field in docs/json.md."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..analysis import Verdict
from ..events import (
    NO_VALUE,
    Event,
    Finding,
    Location,
    Note,
    Object,
    Process,
    Reason,
    Ref,
    Rule,
    Site,
    Thread,
)
from ..trace import Trace

ONLY_RULES = (Rule.LOST_UPDATE, Rule.CIRCLE)
"""Those that a kind means where none is named."""


def show(trace: Trace, events: Iterable[Event]) -> Iterator[str]:
    """The pieces of the JSON object of `trace show`: the tables whole, and the given events.

    One event is one line, so that a long trace is neither held in memory nor hard to grep.
    """
    head = {
        "path": None if trace.path is None else str(trace.path),
        **{key: _plain(value) for key, value in trace.header.items()},
        "event_count": len(trace.events),
        "truncated": trace.truncated,
        "gaps": [
            {
                "kind": gap.kind,
                "subject": gap.subject,
                "thread": gap.thread.id if gap.thread else None,
            }
            for gap in trace.gaps
        ],
        "notes": list(trace.notes),
    }
    yield f'{{"trace": {encode(head)}'
    yield from _table("processes", map(_process, trace.processes))
    yield from _table("threads", map(_thread, trace.threads))
    yield from _table("objects", map(_object, trace.objects))
    yield from _table("locations", map(_location, trace.locations))
    yield ', "events": ['
    write, separator = _Lines().of, "\n"
    for event in events:
        yield separator + write(event)
        separator = ",\n"
    yield "\n]}"


def _table(name: str, rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield f', "{name}": ['
    comma = ""
    for row in rows:
        yield comma + encode(row)
        comma = ", "
    yield "]"


class _Lines:
    """Events as lines. What many events have alike is encoded once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], str] = {}

    def of(self, event: Event) -> str:
        """The event as JSON text; the same as `encode(of_event(event))`."""
        about, location, site, recorded = event.object, event.location, event.site, event.value
        known = self._known
        if len(known) > _KEPT:
            known.clear()
        key = ("op", event.thread.id, int(event.op), 0 if about is None else about.id)
        if (op := known.get(key)) is None:
            op = known[key] = _part(event, "thread", "op", "object", "object_id")
        key = ("site", 0 if site is None else site.id, 0, 0)
        if (place := known.get(key)) is None:
            place = known[key] = _part(event, "site")
        key = ("location", 0 if location is None else location.id, 0, 0)
        if (where := known.get(key)) is None:
            where = known[key] = _part(event, "location", "location_id")
        text = str(recorded) if type(recorded) is int else encode(value(recorded))
        link = "null" if event.link is None else event.link
        return (
            f'{{"seq": {event.seq}, "t": {event.t}, {op}, {where}, {place}, "value": {text},'
            f' "outcome": "{event.outcome.label}", "link": {link}}}'
        )


def _part(event: Event, *fields: str) -> str:
    """These fields of the event, as they stand between others."""
    return encode({field: _FIELDS[field](event) for field in fields})[1:-1]


def check(trace: Trace, verdict: Verdict) -> dict[str, Any]:
    """The JSON object of `trace check` for one trace."""
    reasons = [_told(one) for one in verdict.reasons]
    return {
        "trace": None if trace.path is None else str(trace.path),
        "verdict": verdict.word,
        "reason": reasons[0]["text"] if verdict.word == "inconclusive" else None,
        "scope": verdict.scope or None,
        "reasons": reasons,
        "notes": [_told(one) for one in verdict.notes],
        "findings": [of_finding(one) for one in verdict.findings],
    }


def value(recorded: object) -> Any:
    """A recorded value as JSON: itself where JSON has it, else an object that names its type.

    An event without a value has null, so the value None is `{"type": "NoneType"}`.
    """
    if recorded is NO_VALUE:
        return None
    if recorded is None:
        return {"type": "NoneType"}
    if isinstance(recorded, Ref):
        return {"type": recorded.type, "object": recorded.object}
    if isinstance(recorded, bytes):
        return {"type": "bytes", "hex": recorded.hex()}
    if isinstance(recorded, float) and not math.isfinite(recorded):
        return {"type": "float", "text": repr(recorded)}
    return _plain(recorded)


def encode(document: object, indent: int | None = None) -> str:
    """The document as text. What could steer a terminal stands there as JSON's escape; a lone
    surrogate, which no JSON may have, as the text of one (`\\udcff`)."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)
    return text if text.isprintable() else _UNPRINTABLE.sub(_escape, text)


_KEPT = 1 << 13  # parts of lines that are kept

# Line ends come between items only: in a text they are escaped already.
_UNPRINTABLE = re.compile(r"[^\n\x20-\x7e]")


def _escape(found: re.Match[str]) -> str:
    c = found.group()
    if c.isprintable():
        return c
    code = ord(c)
    if 0xD800 <= code < 0xE000:
        return f"\\\\u{code:04x}"
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 | code >> 10:04x}\\u{0xDC00 | code & 0x3FF:04x}"
    return f"\\u{code:04x}"


def _plain(item: object) -> Any:
    """`item` from a header, or of a file, as JSON. Lone surrogates (undecodable file names) are
    escaped."""
    if isinstance(item, str):
        return item.encode("utf-8", "backslashreplace").decode()
    if isinstance(item, dict):
        return {str(_plain(key)): _plain(one) for key, one in item.items()}
    if isinstance(item, list | tuple):
        return [_plain(one) for one in item]
    if isinstance(item, bytes):
        return item.decode("utf-8", "backslashreplace")
    if isinstance(item, float) and not math.isfinite(item):
        return repr(item)
    return item


def _told(one: Reason | Note) -> dict[str, str]:
    return {key: _plain(getattr(one, key)) for key in ("kind", "text", "advice")}


def _process(row: Process) -> dict[str, Any]:
    return {
        "id": row.id,
        "path": row.path,
        "name": row.name,
        "pid": row.pid,
        "exit_status": row.exit_status,
        "parent": None if row.parent is None else row.parent.path,
        "start_method": row.start_method or None,
    }


def _thread(row: Thread) -> dict[str, Any]:
    return {
        "id": row.id,
        "path": row.path,
        "name": row.name,
        "process": row.process.path,
        "parent": None if row.parent is None else row.parent.path,
        "daemon": row.daemon,
        "internal": row.internal,
    }


def _object(row: Object) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "thread": None if row.thread is None else row.thread.path,
        "index": row.index,
        "site": None if row.site is None else _site(row.site),
    }


def _location(row: Location) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind.name.lower(),
        "name": row.name,
        "object": None if row.object is None else row.object.name,
        "object_id": None if row.object is None else row.object.id,
    }


def _site(row: Site) -> dict[str, Any]:
    return {
        "file": _plain(row.file),
        "line": row.line,
        "column": row.column,
        "function": row.function,
    }


def _call(row: Site) -> dict[str, Any]:
    return {"file": _plain(row.file), "line": row.line, "function": row.function}


_FIELDS: dict[str, Callable[[Event], Any]] = {
    "seq": lambda event: event.seq,
    "t": lambda event: event.t,
    "thread": lambda event: event.thread.path,
    "op": lambda event: event.op.label,
    "object": lambda event: None if event.object is None else event.object.name,
    "object_id": lambda event: None if event.object is None else event.object.id,
    "location": lambda event: None if event.location is None else event.location.name,
    "location_id": lambda event: None if event.location is None else event.location.id,
    "site": lambda event: None if event.site is None else _site(event.site),
    "value": lambda event: value(event.value),
    "outcome": lambda event: event.outcome.label,
    "link": lambda event: event.link,
}


def of_event(event: Event) -> dict[str, Any]:
    """One event as the JSON object that all commands write."""
    return {name: field(event) for name, field in _FIELDS.items()}


def of_finding(finding: Finding) -> dict[str, Any]:
    """One finding as the JSON object that all commands write."""
    return {
        "kind": finding.kind,
        "status": finding.status,
        "location": None if finding.location is None else finding.location.name,
        "object": None if finding.object is None else finding.object.name,
        "threads": [one.path for one in finding.threads],
        "sites": [
            {
                "file": _plain(one.file),
                "line": one.line,
                "function": one.function,
                "text": _plain(one.text),
            }
            for one in finding.sites
        ],
        "events": list(finding.events),
        "explanation": finding.explanation,
        "advice": finding.advice,
        "count": finding.count,
        "total": finding.total,
        "locks": [[lock.name for lock in held] for held in finding.locks],
        "rule": None if finding.rule in ONLY_RULES else finding.rule,
        "stacks": [[_call(one) for one in stack] for stack in finding.stacks],
        "witness": None if finding.witness is None else list(finding.witness),
        "also": [of_finding(one) for one in finding.also],
    }
