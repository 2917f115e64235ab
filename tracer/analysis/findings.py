"""Findings: what the core's engines report, asked once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .. import _core
from ..events import Finding, Note, Rule
from ..log import Log
from .endings import ending

if TYPE_CHECKING:
    from .._core.analysis import RawFinding


def find(trace: Log, *, handled: bool = False, unordered: bool = False) -> list[Finding]:
    """All that the analyses find in the trace, observed findings first.

    Each finding stands for one variable (or queue, or event), with all the patterns in which it
    goes wrong: the first of them is told, the others are its `also`. Each pattern stands for every
    occurrence at the same sites; `count` says how many there were. `handled` says to keep those
    that the source, as it is now, rules out, and `unordered` those of which only the order is open,
    which are worth no more than a note.
    """
    raws = [raw for raw in _raw(trace) if unordered or raw["rule"] != Rule.ORDER]
    if not raws:
        return []
    from .described import describe, is_handled  # which most runs do not need, and takes long
    from .grouping import by_variable

    found = ((raw, describe(trace, raw)) for raw in raws)
    return by_variable(
        (raw, one) for raw, one in found if handled or not is_handled(trace, raw, one)
    )


def _raw(trace: Log) -> list[RawFinding]:
    """What the engines tell, which are asked once."""
    how = ending(trace)
    if how not in trace.raw_findings:
        rows = _core.analysis.find_raw(trace.core, how.stuck, how.stop, how.over, list(how.lost))
        trace.raw_findings[how] = rows
    return trace.raw_findings[how]


def unordered_notes(trace: Log) -> Iterator[Note]:
    """Plain accesses whose order alone is open: either order is right, or something else tells."""
    by_location: dict[int, list[RawFinding]] = {}
    for raw in _raw(trace):
        if raw["rule"] == Rule.ORDER:
            by_location.setdefault(raw["location"], []).append(raw)
    for found in by_location.values():
        from .described import describe

        first = describe(trace, found[0])
        more = f" ({len(found) - 1} more such pairs of lines)" if len(found) > 1 else ""
        yield Note("unordered-accesses", first.explanation + more, first.advice)
