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

from .events import Site
from .folders import working_directory

LARGEST = 4 << 20
"""Bytes of the largest file that is taken for a source."""


_SPAN = 100
"""So many lines are looked at for a text that goes over several."""


def lines(site: Site) -> tuple[str, ...]:
    """The lines of the file that the site is in; none if it cannot be read, or is no source."""
    return _lines(site.file) if site.readable else ()


def line(site: Site) -> str:
    """The line that the site is in; empty if there is none."""
    found = lines(site)
    return found[site.line - 1] if 0 < site.line <= len(found) else ""


def shows(site: Site) -> bool:
    """Whether the site's text still begins in its line. The text is as a recording keeps it: on one
    line, with single spaces, cut where it is long, and only one item of a `with`."""
    first = line(site)
    if not first:
        return False
    below = lines(site)[site.line : site.line + _SPAN]
    source = _on_one_line("".join((first, *below)))
    text, is_item = site.text.partition("\n")[0], False
    if text.startswith("with "):
        text, is_item = text.removeprefix("with ").removesuffix(":"), True
    # What was not UTF-8 is not known.
    start = source.find(text.removesuffix("…").partition("\ufffd")[0])
    return start >= 0 and (is_item or start < len(_on_one_line(first)))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


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
