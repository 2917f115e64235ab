"""Doing a recorded run again, in the order of its events, and comparing what came out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import sources
from ..analysis.difference import Difference, difference
from ..analysis.endings import ending
from ..errors import RecordingError
from ..events import Op, Outcome, Site
from ..runs import hashing
from ..runs.control import Control
from ..supervising import supervisor
from ..trace import Trace, load
from . import embedded, variables
from .program import WHOLE, recorded


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replayed run: its own trace, and what tells it from the original."""

    original: Trace
    trace: Trace
    found: Difference

    @property
    def interrupted(self) -> bool:
        """Whether the two diverge only where the first was cut off: after it was told to end, by a
        signal that comes again only where a thread waits, or by the end of the interpreter, which
        is that of its daemons."""
        divergence = self.found.divergence
        if divergence is None:
            return self.cut_off
        if divergence.first is None:
            return self.cut_off or (
                divergence.second is not None and divergence.second.thread.daemon
            )
        stop = ending(self.original).stop
        return divergence.first.outcome is Outcome.INTERRUPTED or 0 < stop <= divergence.first.seq

    @property
    def cut_off(self) -> bool:
        """Whether the recorded program was ended before its main thread had ended."""
        if self.original.header.get("mode") not in WHOLE:
            return False  # it ended its recording, and went on
        status = self.original.processes[0].exit_status
        if status is None or status < 0 or self.original.header.get("timeout") is not None:
            return True
        main = self.original.threads[0]
        return not any(True for _ in self.original.events.filter(thread=main, op=Op.END))

    @property
    def exact(self) -> bool:
        """Whether every event up to the end, or to where the first was cut off, was the same."""
        return self.found.same or self.interrupted

    @property
    def _control(self) -> dict[str, object]:
        control = self.trace.header["control"]
        assert isinstance(control, dict)
        return control

    @property
    def followed(self) -> bool:
        """Whether the run was to go on where it did something else."""
        return bool(self._control["follow"])

    @property
    def matched(self) -> int:
        """How many events were the recording's: of a run that went on, by what they do."""
        return int(str(self._control["matched"]))

    @property
    def gave_up_after(self) -> float | None:
        """For how many seconds nobody had gone on when the run was ended; None if it was not for
        that."""
        ns = self._control.get("gave_up_after")
        return None if ns is None else int(str(ns)) / 1e9

    @property
    def edited(self) -> Site | None:
        """A place whose source is not what it was in the recording."""
        for site in self.original.sites:
            if site.text and sources.line(site) and not sources.shows(site):
                return site
        return None


def replay(
    original: Trace,
    output: Path,
    *,
    follow: bool = False,
    breakpoint: str = "",
    force: bool = False,
) -> Replayed:
    """Run the program of the trace again and record that into `output`, which must not exist unless
    `force` is given.

    Where the program does something else than the trace says, the run ends, or with `follow` goes
    on as closely to the trace as it can. `breakpoint` says where it stops, as `Control` has it.

    The run has the hash seed and environment of the recorded one, and its stdin comes from the
    trace. Raises what `recorded` does, which finds the program and the working directory.
    """
    program, output = recorded(original), output.parent.resolve() / output.name
    control = Control(
        "replay",
        follow=follow,
        breakpoint=breakpoint,
        supervisor=int(str(original.header.get("supervisor", 0))),
        trace=str(Path(original.path or "").resolve()),
        lone_reads=original.header.get("lone_reads") is not False,
    )
    if not program.mode:
        return compare(
            original, load(embedded.replay(original, program, output, control, force=force))
        )
    os.chdir(program.cwd)
    environment = variables.around(original, program.environment)
    os.environ.clear()
    os.environ.update(environment)
    header = original.header
    include = header.get("include")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    run = supervisor.supervise(
        supervisor.Program(program.mode, program.target, program.arguments),
        output=output,
        force=force,
        memory=header.get("memory") is not False,
        include=[str(name) for name in include] if isinstance(include, list) else [],
        control=control,
        follow=header.get("follow_subprocess") is True,
        preload=header.get("preloaded") is True,
        asked_seed=_asked_seed(header),
    )
    if run.lost:
        raise RecordingError(run.lost.removeprefix("error: "))
    return compare(original, load(run.file))


def _asked_seed(header: Mapping[str, object]) -> str | None:
    """PYTHONHASHSEED as it was set when the run was recorded."""
    environment = header.get("environment")
    found = environment.get(hashing.VARIABLE) if isinstance(environment, dict) else None
    return found if isinstance(found, str) else None


def compare(original: Trace, again: Trace) -> Replayed:
    """The replayed run whose own trace is `again`, held against the original."""
    return Replayed(original, again, difference(original, again))
