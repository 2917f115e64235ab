"""Where a trace goes: the file's name and the spool directory beside it.

Making the spool directory reserves the name, so that two runs started together do not write one
file. The spool of `race.msgpack` is `race.msgpack.spool`.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path

from tracer.errors import RecordingError, UsageError

SPOOL_SUFFIX = ".spool"
DEFAULT_FOLDER = Path("traces")


@dataclass(frozen=True, slots=True)
class Destination:
    """A trace file to be written and the spool directory, which exists."""

    file: Path
    spool: Path

    def remove_spool(self) -> None:
        """Remove the spool directory with all that is in it."""
        for entry in os.scandir(self.spool):
            os.unlink(entry)
        os.rmdir(self.spool)


def _reserve(file: Path) -> Destination:
    spool = file.with_name(file.name + SPOOL_SUFFIX)
    file.parent.mkdir(parents=True, exist_ok=True)
    spool.mkdir()
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
    except FileExistsError as error:
        spool = error.filename
        raise RecordingError(
            f"{spool} exists: another run is using it, or was killed: trace recover {spool}"
        ) from None
    except OSError as error:
        raise RecordingError(f"cannot write {file}: {error.strerror}") from error


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
        except FileExistsError:
            continue
        except OSError as error:
            raise RecordingError(
                f"cannot write {file}: {error.strerror}; choose another place with -o"
            ) from error
    raise AssertionError("unreachable")
