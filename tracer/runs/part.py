"""The part of a program that is replayed, where the program itself began its recording.

`tracer.record()` and recorded tests begin in the middle of a program. To replay such a recording
the whole program is run again, and told by an environment variable which of the recordings that it
makes is to follow the trace.
"""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from tracer import _core

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
        """What tells a process of it."""
        return {VARIABLE: repr(tuple(self))}


def _told() -> Part | None:
    """What this process was told; its own children are not."""
    text = os.environ.pop(VARIABLE, None)
    if text is None:
        return None
    from ast import literal_eval

    _core.prepare_control()
    return Part(*literal_eval(text))


PART: Final = _told()
"""The part of this process that is to be replayed; None in other processes."""


def to_be_controlled() -> bool:
    """Whether this process is under control, or may be at some time: its code needs scheduling
    points."""
    return PART is not None or _core.controlled()
