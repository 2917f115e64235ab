"""`tracer.record()`: recording a part of a program that runs without `trace run`."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType, TracebackType

from .. import _core
from ..runs import destination, included, interpreter
from ..runs.control import Control
from ..runs.destination import Destination
from ..runs.internal import is_internal
from ..runs.part import current
from . import adopted
from .older import OlderThreads
from .session import Session

_numbers = itertools.count(1)


class record:
    """Record what this process's threads do while the `with` block runs, into a trace file.

        with tracer.record("race.msgpack"):
            race()

    Synchronization is recorded in all code; a lock that is older than the process's first block is
    known if it was made after `from tracer import threading`. Accesses to memory are recorded in
    the program's own code, that of the packages `include`, and that below the folders `roots`, even
    where they lie among installed packages. What has been imported before is rewritten, too, for
    the time of the block; what runs already is not: put into a function what the block does.
    Without a file the trace goes to `traces/<script>.msgpack`, numbered rather than overwritten.

    Entering raises UsageError if the file exists and `force` is not given, or `include` has what is
    no name of a module, RecordingError if this
    process is being recorded already or the folder cannot be written; leaving raises
    RecordingError if the trace cannot be written.
    """

    def __init__(
        self,
        file: str | os.PathLike[str] | None = None,
        *,
        memory: bool = True,
        roots: Sequence[str | os.PathLike[str]] = (),
        include: Sequence[str] = (),
        force: bool = False,
    ) -> None:
        self._file = None if file is None else Path(file)
        self._memory = memory
        self._roots = [os.path.abspath(root) for root in roots]
        self._include = list(include)
        self._force = force
        self.file: Path | None = None
        """Where the trace goes; None before the block is entered."""

    def __enter__(self) -> record:
        included.check(self._include)
        number = next(_numbers)
        place, self._control = self._destination(number)
        control = self._control
        lone_reads = control.lone_reads if control else _core.record.has_other_threads()
        self._lock = place.describe(
            {
                "memory": self._memory,
                "include": self._include,
                "lone_reads": lone_reads,
                "environment": interpreter.heeded_environment(),
                **self._origin(number),
            }
        )
        self._place = place
        # Asked before and after the session: in a replay the program is told the recorded one.
        self._pid = os.getpid()
        self._older = OlderThreads(self._roots)
        try:
            self._session = Session(
                str(place.spool.resolve()),
                memory=self._memory,
                roots=self._roots,
                include=self._include,
                control=self._control,
                lone_reads=lone_reads,
                begun_in=_program_frame(),
            )
        except BaseException:
            os.close(self._lock)
            place.remove_spool()
            raise
        if self._control is None:
            self._older.leave_out(adopted.adopt())
        elif threading.active_count() > 1:
            _core.record.note(
                "threads that were started before the recording are not under control"
            )
        self._started = time.monotonic()
        self.file = place.file
        return self

    def _destination(self, number: int) -> tuple[Destination, Control | None]:
        """Where the trace goes, and how the run is controlled: in a replay as that says."""
        part = current()
        if part is None:
            if self._file is not None:
                force = self._force
                return destination.explicit(self._file, force=force, option="force=True"), None
            name = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else "recorded"
            return destination.default(name), None
        if number == part.number:
            # Threads are called as they were, however many there have been before.
            threading.__dict__["_counter"] = itertools.count(part.named).__next__
            return Destination(Path(part.file), Path(part.spool)), Control.parse(part.control)
        return destination.explicit(Path(part.elsewhere, f"{number}.msgpack"), force=False), None

    def _origin(self, number: int) -> dict[str, object]:
        """What the header says of the program, to find the recording again in another run of it:
        it is the process's recording of that number."""
        seed = os.environ.get("PYTHONHASHSEED", "")
        return {
            "mode": "record",
            "program": sys.argv[0] if sys.argv else "",
            "argv": list(sys.argv),
            "command": sys.orig_argv[1:],
            "recording": number,
            "named": _next_name(),
            **({"hash_seed": int(seed)} if seed.isdigit() else {}),
        }

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if _core.record.recording():
            self._older.tell()
        self._session.stop()
        if os.getpid() != self._pid:
            return  # a forked child leaves the block too; the trace is its parent's to write
        duration = round((time.monotonic() - self._started) * 1e9)
        end: dict[str, object] = {"exit_status": {}, "duration": duration}
        if self._control is not None:
            end.update(self._control.outcome(self._place.spool))
        try:
            self._place.describe_end(end)
            self._place.finish()
        finally:
            os.close(self._lock)


def _program_frame() -> FrameType | None:
    """The innermost frame of the program."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_internal(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _next_name() -> int:
    """The number in the name of the next thread that threading names."""
    counter = threading.__dict__["_counter"].__self__  # an itertools.count
    return int(repr(counter).removeprefix("count(").removesuffix(")"))
