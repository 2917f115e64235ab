"""The program's source, as it is now, of files that a trace names.

A trace may be a stranger's and name any path. Read are regular files of bounded size, below the
folders that sources come from; of all others there is nothing. A pipe or a device is never opened.
"""

from __future__ import annotations

import os
import stat
import sys
import tokenize
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from io import BytesIO, TextIOWrapper

from tracer.events import Site
from tracer.folders import working_directory

LARGEST = 4 << 20
"""Bytes of the largest file that is taken for a source."""


def lines(site: Site) -> tuple[str, ...]:
    """The lines of the file that the site is in; none if it cannot be read, or is no source."""
    return _lines(site.file) if site.readable else ()


def line(site: Site) -> str:
    """The line that the site is in; empty if there is none."""
    found = lines(site)
    return found[site.line - 1] if 0 < site.line <= len(found) else ""


@lru_cache(maxsize=32)
def _lines(file: str) -> tuple[str, ...]:
    try:
        data = _content(file)
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return tuple(TextIOWrapper(BytesIO(data), encoding))
    except (OSError, ValueError, SyntaxError, LookupError):
        return ()


def _content(file: str) -> bytes:
    found = os.stat(file)
    # What has no size may have no end all the same: the files of /proc.
    if not stat.S_ISREG(found.st_mode) or not 0 < found.st_size <= LARGEST:
        raise OSError("not a source file")
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as opened:
        return opened.read(found.st_size)


def folders(own: Iterable[object]) -> tuple[str, ...]:
    """The folders below which sources may lie: the program's `own`, the working directory, and
    those of this Python."""
    everything = {os.sep, os.path.realpath(os.path.expanduser("~"))}
    found = [*own, *sys.path, sys.prefix, sys.base_prefix, working_directory()]
    usable = (os.path.realpath(f) for f in found if isinstance(f, str) and os.path.isabs(f))
    return tuple(folder for folder in dict.fromkeys(usable) if folder not in everything)


def is_below(file: str, among: Iterable[str]) -> bool:
    """Whether the file lies below one of the folders."""
    with suppress(OSError, ValueError):
        place = os.path.realpath(file)
        return any(place.startswith(folder + os.sep) for folder in among)
    return False
