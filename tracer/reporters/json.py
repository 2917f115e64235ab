"""The JSON of `--format json`: a contract, described field by field in docs/json.md."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from tracer.analysis import Verdict
from tracer.events import (
    NO_VALUE,
    Event,
    Finding,
    Location,
    Note,
    Object,
    Process,
    Reason,
    Ref,
    Site,
    Thread,
)
from tracer.trace import Trace


def show(trace: Trace, events: Iterable[Event]) -> Iterator[str]:
    """The pieces of the JSON object of `trace show`: the tables whole, and the given events.

    One event is one line, so that a long trace is neither held in memory nor hard to grep.
    """
    head = {
        "trace": {
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
        },
        "processes": [_process(one) for one in trace.processes],
        "threads": [_thread(one) for one in trace.threads],
        "objects": [_object(one) for one in trace.objects],
        "locations": [_location(one) for one in trace.locations],
    }
    yield encode(head)[:-1] + ', "events": ['
    separator = "\n"
    for event in events:
        yield separator + encode(of_event(event))
        separator = ",\n"
    yield "\n]}"


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


def of_event(event: Event) -> dict[str, Any]:
    """One event as the JSON object that all commands write."""
    return {
        "seq": event.seq,
        "t": event.t,
        "thread": event.thread.path,
        "op": event.op.label,
        "object": None if event.object is None else event.object.name,
        "object_id": None if event.object is None else event.object.id,
        "location": None if event.location is None else event.location.name,
        "location_id": None if event.location is None else event.location.id,
        "site": None if event.site is None else _site(event.site),
        "value": value(event.value),
        "outcome": event.outcome.label,
        "link": event.link,
    }


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
        "rule": finding.details.get("rule"),
        "stacks": [[_call(one) for one in stack] for stack in finding.stacks],
        "witness": None if finding.witness is None else list(finding.witness),
        "also": [of_finding(one) for one in finding.also],
    }
