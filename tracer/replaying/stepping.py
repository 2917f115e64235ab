"""Doing a recorded run again up to one of its events, and from there to others."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..trace import Trace
from .debugger import Breakpoint
from .replay import Replayed, replay

_FINDING = "finding:"


@dataclass(frozen=True, slots=True)
class Stopped:
    """A run that was to stop before an event: whether it came so far, and what it was."""

    reached: bool
    run: Replayed


def event_of(trace: Trace, until: str) -> int:
    """The sequence number that is meant: itself, or `finding:N` for the event that completes the
    N-th finding. Raises UsageError if there is none."""
    if until.startswith(_FINDING):
        number, findings = until.removeprefix(_FINDING), trace.verdict().findings
        if not number.isdigit() or not 0 < int(number) <= len(findings):
            raise UsageError(f"no {until}: {trace.path} has {len(findings)}")
        events = findings[int(number) - 1].events
        if not events:
            raise UsageError(f"{until} is about no single event")
        return events[-1]
    if not until.isdigit():
        raise UsageError(f"--until takes a sequence number or finding:N, not {until!r}")
    _index(trace, int(until))
    return int(until)


def _index(trace: Trace, seq: int) -> int:
    index = trace.core.position(seq)
    if index >= len(trace.events) or trace.events[index].seq != seq:
        raise UsageError(f"{trace.path} has no event {seq}")
    return index


def run_until(trace: Trace, seq: int, *, debug: bool) -> Iterator[Stopped]:
    """Run the program of the trace again up to just before the event, and show there how each
    thread stands, or open the debugger; then up to each event that is gone to from there."""
    # The program's stdin is the recording's; the debugger's is ours.
    terminal = os.dup(0) if debug else -1
    if debug:
        os.set_inheritable(terminal, True)
    following: int | None = seq
    while following is not None:
        with tempfile.TemporaryFile() as told, tempfile.TemporaryDirectory() as folder:
            os.set_inheritable(told.fileno(), True)
            breakpoint = Breakpoint(_index(trace, following), told.fileno(), terminal)
            run = replay(trace, Path(folder) / "replayed.msgpack", breakpoint=str(breakpoint))
            told.seek(0)
            lines = told.read().split()
            told.seek(0)
            yield Stopped(bool(told.read()), run)
            following = int(lines[-1]) if lines else None
