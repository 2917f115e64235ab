"""Replaying a recording that the program itself began: `tracer.record()`, or a recorded test.

The whole program runs again. It is under control from the beginning of that recording to its end,
and runs freely before and after.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from .. import _core
from ..errors import RecordingError, UsageError
from ..ops import GapKind
from ..runs import destination
from ..runs.control import Control
from ..runs.part import Part
from ..trace import Trace
from . import variables
from .program import Recorded


def replay(
    original: Trace, program: Recorded, output: Path, control: Control, *, force: bool = False
) -> Path:
    """Run the program of the trace again, which has been found, and write what it records into
    `output`. What it prints goes to our own streams.

    Raises UsageError if the trace does not say which recording it is, or there is something at
    `output`; RecordingError if the program does not get to that recording.
    """
    header = original.header
    number, unrewritten, named = map(header.get, ("recording", "unrewritten", "named"))
    if not (isinstance(number, int) and isinstance(named, int)):
        raise UsageError(f"{original.path}: does not say which recording of its program it is")
    older = {gap.thread for gap in original.gaps if gap.kind == GapKind.ADOPTED}
    if names := {event.thread.name for event in original.events if event.thread in older}:
        listed = ", ".join(sorted(names))
        raise UsageError(
            f"{original.path}: cannot be replayed: {listed} ran before the recording began"
        )
    place = destination.explicit(output, force=force)
    with tempfile.TemporaryDirectory() as elsewhere:
        part = Part(
            number,
            str(place.file.resolve()),
            str(place.spool.resolve()),
            elsewhere,
            str(control),
            tuple(map(str, unrewritten)) if isinstance(unrewritten, list) else (),
            named,
        )
        done = subprocess.run(
            [sys.executable, *program.arguments],
            cwd=program.cwd,
            env={**variables.around(original, program.environment), **part.environment()},
            close_fds=False,  # those of a breakpoint are inherited
        )
    if place.spool.exists():  # the program did not live to the end of the recording
        if not _core.spool.has_records(place.spool):
            place.remove_spool()
            raise RecordingError(
                f"the program ended with {done.returncode} before recording {number} began"
            )
        place.describe_end({"exit_status": {}, **control.outcome(place.spool)})
        place.finish()
    return place.file
