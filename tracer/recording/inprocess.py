"""`tracer.record()`: recording a part of a program that runs without `trace run`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from tracer.recording import destination
from tracer.recording.session import Session


class record:
    """Record what this process's threads do while the `with` block runs, into a trace file.

        with tracer.record("race.msgpack"):
            race()

    Synchronization is recorded in all code. Accesses to memory are recorded in modules that are
    imported in the block and lie under one of the folders `roots` or belong to one of the
    packages `include`; code that has been imported before is not rewritten. Without a file the
    trace goes to `traces/<script>.msgpack`, numbered rather than overwritten.

    Entering raises UsageError if the file exists and `force` is not given, RecordingError if this
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
        if self._file is None:
            name = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else "recorded"
            place = destination.default(name)
        else:
            place = destination.explicit(self._file, force=self._force)
        self._lock = place.describe(
            {
                "program": sys.argv[0] if sys.argv else "",
                "argv": list(sys.argv),
                "mode": "record",
                "memory": self._memory,
                "include": self._include,
            }
        )
        self._place = place
        try:
            self._session = Session(
                str(place.spool.resolve()),
                memory=self._memory,
                roots=self._roots,
                include=self._include,
            )
        except BaseException:
            os.close(self._lock)
            place.remove_spool()
            raise
        self._pid = os.getpid()
        self._started = time.monotonic()
        self.file = place.file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.stop()
        if os.getpid() != self._pid:
            return  # a forked child leaves the block too; the trace is its parent's to write
        duration = round((time.monotonic() - self._started) * 1e9)
        try:
            self._place.describe_end({"exit_status": {}, "duration": duration})
            self._place.finish()
        finally:
            os.close(self._lock)
