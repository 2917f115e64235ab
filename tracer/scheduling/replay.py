"""Doing a recorded run again, in the order of its events, and comparing what came out."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from tracer.analysis.difference import Difference, difference
from tracer.errors import UsageError
from tracer.events import Outcome
from tracer.recording import supervisor
from tracer.scheduling import Control
from tracer.trace import Trace, load


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replayed run: its own trace, what tells it from the original, the program's status."""

    trace: Trace
    found: Difference
    exit_status: int | None

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

    The run has the working directory, hash seed and environment of the recorded one, and its
    stdin comes from the trace. Raises UsageError if the trace is not of `trace run` or its
    program is not there.
    """
    header = original.header
    mode, argv = str(header.get("mode")), header.get("argv")
    if original.path is None or mode not in ("script", "module", "command"):
        raise UsageError("only a run of `trace run` can be replayed")
    if header.get("platform") != sys.platform:
        raise UsageError(f"recorded on {header.get('platform')}, this is {sys.platform}")
    if not isinstance(argv, list):
        raise UsageError(f"{original.path}: does not say what was run")
    words = [str(word) for word in argv][0 if mode == "script" else 1 :]
    path, output = original.path.resolve(), output.resolve()
    try:
        os.chdir(str(header.get("cwd")))
    except OSError as error:
        raise UsageError(f"cannot enter {header.get('cwd')}: {error.strerror}") from None
    environment = header.get("environment")
    os.environ.update(environment if isinstance(environment, dict) else {})
    os.environ["PYTHONHASHSEED"] = str(header.get("hash_seed", 0))
    include = header.get("include")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    run = supervisor.supervise(
        supervisor.Program(mode, words[0], tuple(words[1:])),
        output=output,
        memory=header.get("memory") is not False,
        include=[str(name) for name in include] if isinstance(include, list) else [],
        control=Control("replay", trace=str(path)),
    )
    again = load(run.file)
    return Replayed(again, difference(original, again), run.exit_status)
