"""The part of a program that is replayed, where the program itself began its recording.

`tracer.record()` and recorded tests begin in the middle of a program. To replay such a recording
the whole program is run again, and told by an environment variable which of the recordings that it
makes is to follow the trace.
"""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from .. import _core

VARIABLE = "RACETRACE_PART"


class Part(NamedTuple):
    """Which recording of the process (counted from 1) is the part, and where its own trace goes:
    the file and the spool. Other recordings go into the folder `elsewhere`. `control` is the text
    of a `Control`; `unrewritten` are modules whose code was not rewritten in the recorded run;
    `named` says how threading names the first thread that it names then: `Thread-{named}`."""

    number: int
    file: str
    spool: str
    elsewhere: str
    control: str
    unrewritten: tuple[str, ...]
    named: int

    def environment(self) -> dict[str, str]:
        """What tells a child of this process of it, and no other."""
        return {VARIABLE: repr((os.getpid(), *self))}


@cache
def current() -> Part | None:
    """The part of this process that is to be replayed, under control; None in other processes."""
    text = os.environ.pop(VARIABLE, None)
    if text is None:
        return None
    from ast import literal_eval

    parent, *part = literal_eval(text)
    if parent != os.getppid():
        return None  # a process of the program's
    _core.control.prepare_control()
    return Part(*part)


def to_be_controlled() -> bool:
    """Whether this process is under control, or may be at some time: its code needs scheduling
    points."""
    return current() is not None or _core.control.controlled()
