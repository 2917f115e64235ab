"""Doing a recorded run again, in the order of its events, and comparing what came out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tracer.analysis.difference import Difference, difference
from tracer.events import Outcome
from tracer.recording import supervisor
from tracer.scheduling import Control
from tracer.scheduling.program import recorded
from tracer.trace import Trace, load


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replayed run: its own trace, and what tells it from the original."""

    trace: Trace
    found: Difference

    @property
    def interrupted(self) -> bool:
        """Whether the two part only where a signal, which does not come again, ended the first."""
        parting = self.found.parting
        if parting is None:
            return False
        return parting.first is None or parting.first.outcome is Outcome.INTERRUPTED

    @property
    def exact(self) -> bool:
        """Whether every event up to the end, or to the interruption, was the same."""
        return self.found.same or self.interrupted


def replay(original: Trace, output: Path) -> Replayed:
    """Run the program of the trace again and record that into `output`, which must not exist.

    The run has the hash seed and environment of the recorded one, and its stdin comes from the
    trace. Raises what `recorded` does, which finds the program and the working directory.
    """
    again = recorded(original)
    header, path, output = original.header, Path(original.path or "").resolve(), output.resolve()
    os.chdir(again.cwd)
    os.environ.update(again.environment)
    include = header.get("include")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    run = supervisor.supervise(
        again.program,
        output=output,
        memory=header.get("memory") is not False,
        include=[str(name) for name in include] if isinstance(include, list) else [],
        control=Control("replay", trace=str(path)),
    )
    return compare(original, load(run.file))


def compare(original: Trace, again: Trace) -> Replayed:
    """The replayed run whose own trace is `again`, held against the original."""
    return Replayed(again, difference(original, again))
