"""The command's own stdout and stderr, when they cannot be written: the disk is full, the reader of
the pipe has gone (`trace show … | head`)."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from ..errors import TracerError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class ReaderGone(Exception):
    """Nobody reads stdout any more."""


def _lost(error: OSError) -> None:
    """What cannot go to stdout ends the command; no more is tried, also not at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if isinstance(error, BrokenPipeError):
        raise ReaderGone from None
    raise TracerError(f"cannot write to standard output: {error.strerror}") from None


class _Stream(io.FileIO):
    """A stream that calls `failed` with the error of a write, which may raise."""

    def __init__(self, descriptor: int, failed: Callable[[OSError], None]) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._failed = failed

    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self._failed(error)
            return len(memoryview(data))


def guard() -> None:
    """Let a write that fails end the command with an error (stdout), or be left out (stderr). What
    is said where one of them is closed goes nowhere."""
    sys.stdout = _guarded(sys.stdout, 1, _lost)
    sys.stderr = _guarded(sys.stderr, 2, lambda _: None)


def _guarded(
    stream: TextIO | None, descriptor: int, failed: Callable[[OSError], None]
) -> io.TextIOWrapper:
    if stream is None:
        return io.TextIOWrapper(io.BytesIO())
    return io.TextIOWrapper(
        io.BufferedWriter(_Stream(descriptor, failed)),
        stream.encoding,
        "backslashreplace",  # what cannot be encoded must not end the command
        line_buffering=bool(stream.line_buffering),
    )


def flush() -> None:
    """Write what has not been written. Raises what a write does."""
    sys.stdout.flush()
