"""Which code is the tool's or the interpreter's own: it is never the site of an event."""

from __future__ import annotations

import os

from .. import _core

FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
"""The folder that `tracer` is in."""

PACKAGES = (os.path.join(FOLDER, "tracer"), os.path.join(FOLDER, "racetrace"))
"""The folders of our own code."""


def _prefixes() -> list[str]:
    library = os.path.dirname(os.__file__)
    return [*(os.path.join(folder, "") for folder in (*PACKAGES, library)), "<frozen "]


def is_internal(file: str) -> bool:
    """Whether code of that file name is the tool's or the interpreter's own."""
    return file.startswith(tuple(_prefixes()))


def set_internal(*hidden: str) -> None:
    """Tell the core of that code, and of the files `hidden`."""
    _core.record.set_internal([*_prefixes(), *hidden])
