"""Where a trace goes: the file's name and the spool directory beside it.

Making the spool directory reserves the name, so that two runs started together do not write one
file. The spool of `race.msgpack` is `race.msgpack.spool`. Who records holds a lock on `run.json`
in it, so that a spool in use is told from one that was left behind.
"""

from __future__ import annotations

import errno
import fcntl
import itertools
import json
import os
import stat
import sys
import time
from pathlib import Path
from typing import NamedTuple

from .. import _core
from ..errors import NothingRecordedError, RecordingError, TracerError, UsageError
from ..folders import working_directory
from . import signature
from .launch import DEFAULT_FOLDER

RUN = _core.spool.RUN_FILE
END = _core.spool.END_FILE
# Bytes that are reserved for END, and those of the files with which a process begins to record.
_END_SIZE = 4096
_BEGINNING = 96 << 10
_LONGEST = 1 << 20  # bytes of a RUN that is read here: it may be anybody's
SPOOL_SUFFIX = ".spool"


class Destination(NamedTuple):
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
            "cwd": working_directory(),
            "folder": os.path.realpath(self.file.parent),
            "switch_interval": sys.getswitchinterval(),
            "started": time.time(),
            **fields,
        }
        header |= signature.fields(header)
        descriptor = -1
        try:
            descriptor = os.open(self.spool / RUN, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.write(descriptor, json.dumps(header, indent=1).encode())
            self._reserve()
        except OSError as error:
            if descriptor >= 0:
                os.close(descriptor)
            self.remove_spool()
            raise RecordingError(f"cannot write {self.spool}: {error.strerror}") from error
        return descriptor

    def _reserve(self) -> None:
        """Make sure that the recording can begin, and that its end can be described when the disk
        is full."""
        with open(self.spool / END, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, _END_SIZE + _BEGINNING)
            file.truncate(_END_SIZE)

    def describe_end(self, end: dict[str, object]) -> None:
        """Write the header's last fields into the spool, and the time: the run has ended now.

        Raises NothingRecordedError if the spool holds no recording, which removes it,
        RecordingError if it cannot be written.
        """
        self._check()
        try:
            _core.record.mark_end(self.spool)
            with open(self.spool / END, "r+b") as file:
                file.write(json.dumps(end).encode())
                file.truncate()
        except OSError as error:
            raise RecordingError(
                f"cannot write {self.spool}: {error.strerror}; {self._advice}"
            ) from error

    def finish(self) -> dict[str, int]:
        """Turn the spool into the trace file, and return its counts.

        Raises NothingRecordedError if the spool holds no recording, which removes it,
        RecordingError if the file cannot be written, which keeps it.
        """
        self._check()
        try:
            counts: dict[str, int] = _core.trace.write_trace(self.spool, self.file)
        except (OSError, TracerError) as error:
            raise RecordingError(f"{error}; {self._advice}") from error
        self.remove_spool()
        return counts

    def _check(self) -> None:
        if not self.spool.is_dir():
            raise NothingRecordedError(f"{self.spool} was removed while the program ran")
        if not _core.spool.has_records(self.spool):
            self.remove_spool()
            raise NothingRecordedError("the program ended before its recording began")

    def is_finished(self) -> bool:
        """Whether the trace file is that of the spool's run: the spool was about to be removed."""
        from ..fileformat import read

        try:
            modes = [os.lstat(path).st_mode for path in (self.file, self.spool / RUN)]
            if not all(map(stat.S_ISREG, modes)):
                return False
            with open(self.spool / RUN, "rb") as file:
                run = json.loads(file.read(_LONGEST))
            _, header = read(self.file)
            return bool(run["started"] == header["started"])
        except (OSError, ValueError, KeyError, TypeError, TracerError):
            return False

    @property
    def _advice(self) -> str:
        return f"to try again: trace recover {self.spool} -o FILE"

    def remove_spool(self) -> None:
        """Remove the spool directory with all files in it; folders are not ours.

        Last comes what says which run it is of: we may be killed meanwhile.
        """
        while True:
            files = [entry for entry in os.scandir(self.spool) if not entry.is_dir()]
            for entry in sorted(files, key=lambda entry: entry.name == RUN):
                os.unlink(entry)
            try:
                return os.rmdir(self.spool)
            except OSError as error:
                # A process that is left running may just have opened one more file in it.
                if error.errno != errno.ENOTEMPTY:
                    raise
                if not files:
                    return


def is_unused(folder: Path) -> bool:
    """Whether it is a spool directory that has just been made."""
    return folder.suffix == SPOOL_SUFFIX and folder.is_dir() and not any(folder.iterdir())


class _TakenError(Exception):
    """The spool directory exists."""


def _reserve(file: Path) -> Destination:
    spool = file.with_name(file.name + SPOOL_SUFFIX)
    try:
        if not file.parent.is_dir():
            file.parent.mkdir(parents=True)
        try:
            spool.mkdir(mode=0o700)
        except FileExistsError:
            raise _TakenError(str(spool)) from None
    except FileExistsError:
        raise RecordingError(f"cannot write {file}: {file.parent} is not a directory") from None
    except OSError as error:
        raise RecordingError(f"cannot write {file}: {error.strerror}") from error
    return Destination(file, spool)


_OTHER_FORMATS = frozenset(
    (".json", ".svg", ".png", ".pdf", ".dot", ".gv", ".txt", ".html", ".csv", ".py")
)
"""Endings that say of a file what a trace is not."""


def check(file: Path, *, force: bool, option: str = "--force") -> None:
    """Raise UsageError unless a trace may be written to the file: to a new one, or with `force` in
    the place of a regular one. `option` is how the user says that."""
    if file.suffix.lower() in _OTHER_FORMATS:
        name = file.with_suffix(".msgpack").name
        raise UsageError(f"{file}: a trace is not a {file.suffix} file; call it {name}")
    try:
        mode = os.lstat(file).st_mode
    except OSError:
        return
    if stat.S_ISDIR(mode):
        raise UsageError(f"{file} is a directory")
    if stat.S_ISLNK(mode):
        raise UsageError(f"{file} is a symbolic link: name the file itself")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{file} is not a regular file")
    if not force:
        raise UsageError(f"{file} exists; {option} overwrites it")


def explicit(file: Path, *, force: bool, option: str = "--force") -> Destination:
    """The destination named by the user.

    Raises UsageError as `check` does, RecordingError if its folder cannot be written or a spool of
    the same name is left from another run.
    """
    check(file, force=force, option=option)
    try:
        return _reserve(file)
    except _TakenError as spool:
        raise RecordingError(
            f"{spool} exists: another run is using it, or was killed: trace recover {spool}"
        ) from None


def default(name: str, folder: Path = Path(DEFAULT_FOLDER)) -> Destination:
    """`NAME.msgpack` in the folder, or the first of `NAME-2.msgpack`… that is free.

    Raises RecordingError if the folder cannot be written.
    """
    for number in itertools.count(1):
        stem = name if number == 1 else f"{name}-{number}"
        file = folder / f"{stem}.msgpack"
        if file.exists():
            continue
        try:
            return _reserve(file)
        except _TakenError:
            continue
    raise AssertionError("unreachable")
