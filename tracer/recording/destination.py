"""Where a trace goes: the file's name and the spool directory beside it.

Making the spool directory reserves the name, so that two runs started together do not write one
file. The spool of `race.msgpack` is `race.msgpack.spool`. Who records holds a lock on `run.json`
in it, so that a spool in use is told from one that was left behind.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tracer import _core
from tracer.errors import RecordingError, TracerError, UsageError

RUN = "run.json"
END = "end.json"
SPOOL_SUFFIX = ".spool"
DEFAULT_FOLDER = Path("traces")


@dataclass(frozen=True, slots=True)
class Destination:
    """A trace file to be written and the spool directory, which exists."""

    file: Path
    spool: Path

    def describe(self, fields: dict[str, object]) -> int:
        """Write the trace's header into the spool: `fields`, and what is to be said of any run.

        Returns the descriptor that holds the lock on the spool. Raises RecordingError if the
        spool cannot be written.
        """
        header = {
            "python": ".".join(map(str, sys.version_info[:3])),
            "implementation": sys.implementation.name,
            "platform": sys.platform,
            "machine": os.uname().machine,
            "cwd": os.getcwd(),
            "folder": os.path.realpath(self.file.parent),
            "switch_interval": sys.getswitchinterval(),
            "started": time.time(),
            **fields,
        }
        try:
            descriptor = os.open(self.spool / RUN, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.write(descriptor, json.dumps(header, indent=1).encode())
        except OSError as error:
            self.remove_spool()
            raise RecordingError(f"cannot write {self.spool}: {error.strerror}") from error
        return descriptor

    def finish(self, end: dict[str, object], *, ended_now: bool) -> dict[str, int]:
        """Turn the spool into the trace file, and return its counts.

        `end` are the header's last fields; `ended_now` says that the run has ended just now, and
        not in the past. Raises RecordingError if the spool holds no recording, which removes
        it, or if the file cannot be written, which keeps it.
        """
        if not (self.spool / "page").exists():
            self.remove_spool()
            raise RecordingError("the program ended before its recording began")
        try:
            if ended_now:
                _core.mark_end(self.spool)
            (self.spool / END).write_text(json.dumps(end))
            counts: dict[str, int] = _core.write_trace(self.spool, self.file)
        except (OSError, TracerError) as error:
            raise RecordingError(
                f"{error}; to try again: trace recover {self.spool} -o FILE"
            ) from error
        self.remove_spool()
        return counts

    def remove_spool(self) -> None:
        """Remove the spool directory with all that is in it."""
        for entry in os.scandir(self.spool):
            os.unlink(entry)
        os.rmdir(self.spool)


class _TakenError(Exception):
    """The spool directory exists."""


def _reserve(file: Path) -> Destination:
    spool = file.with_name(file.name + SPOOL_SUFFIX)
    try:
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True)
        try:
            spool.mkdir()
        except FileExistsError:
            raise _TakenError(str(spool)) from None
    except OSError as error:
        raise RecordingError(f"cannot write {file}: {error.strerror}") from error
    return Destination(file, spool)


def explicit(file: Path, *, force: bool) -> Destination:
    """The destination named by the user.

    Raises UsageError if the file exists and `force` is not given, RecordingError if its folder
    cannot be written or a spool of the same name is left from another run.
    """
    if file.is_dir():
        raise UsageError(f"{file} is a directory")
    if not force and file.exists():
        raise UsageError(f"{file} exists; --force overwrites it")
    try:
        return _reserve(file)
    except _TakenError as spool:
        raise RecordingError(
            f"{spool} exists: another run is using it, or was killed: trace recover {spool}"
        ) from None


def default(name: str) -> Destination:
    """`traces/NAME.msgpack`, or the first of `traces/NAME-2.msgpack`… that is free.

    Raises RecordingError if the folder cannot be written.
    """
    for number in itertools.count(1):
        stem = name if number == 1 else f"{name}-{number}"
        file = DEFAULT_FOLDER / f"{stem}.msgpack"
        if file.exists():
            continue
        try:
            return _reserve(file)
        except _TakenError:
            continue
    raise AssertionError("unreachable")
