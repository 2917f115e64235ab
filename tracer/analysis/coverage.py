"""How much of a run its trace has: where there is too little, nothing found proves nothing."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from ..events import Note, Reason
from ..log import Log


def cut_off(trace: Log) -> Iterator[Reason]:
    """A file that lacks its end."""
    if trace.truncated:
        yield Reason(
            "cut-off",
            f"the trace is cut off: {trace.truncated}",
            "Record it again, or copy the file again, whole.",
        )


def nothing_recorded(trace: Log) -> Iterator[Reason]:
    """A run in which there was nothing to look at."""
    threads = [thread for thread in trace.threads if not thread.internal]
    if not len(trace.events):
        text = "no event was recorded: nothing was instrumented"
    elif not trace.locations and len(threads) < 2:
        text = "no shared variable and no second thread was recorded: nothing was instrumented"
    else:
        return
    advice = "Record the code that starts threads; --include PKG records a package elsewhere, too."
    yield Reason("nothing-recorded", text, advice)


def without_memory(trace: Log) -> Iterator[Reason]:
    """A program whose shared accesses were not recorded has not been checked for races, and must
    not look as if it had passed."""
    if trace.header.get("memory") is False and len(trace.events):
        yield Reason(
            "no-memory",
            "recorded with --no-memory: only the synchronization could be checked",
            "Record it without --no-memory.",
        )


# What the recorder's notes begin with that say that the trace lacks something.
_GAPS = {
    "left running: ": (
        "left-running",
        "Give them more time: --orphans S; or let the program wait for its processes.",
    ),
    "the recording stopped before the program did": (
        "recording-stopped",
        "Make room on the disk, and record it again.",
    ),
    "the definitions of process": ("damaged", "Record it again."),
}
# Where it stopped for another reason than a full disk.
_STOPPED = {
    errno.EACCES: "It gave up the right to write there (setuid): record it as who it becomes.",
    errno.ENOENT: "It removed the folder, or sees it no more (chroot): choose another one with -o.",
    errno.ENOMEM: "Give it more memory, or let it do less, and record it again.",
    errno.EMFILE: "Let it have more open files (ulimit -n), and record it again.",
}
_STOPPED[errno.EPERM] = _STOPPED[errno.EACCES]


def not_kept(trace: Log) -> Iterator[Reason]:
    """What the recorder could not keep, or did not wait for."""
    for text in trace.notes:
        if (start := _gap(text)) is not None:
            kind, advice = _GAPS[start]
            number = re.search(r"\(os error (\d+)\)$", text)
            stopped = None if number is None else _STOPPED.get(int(number[1]))
            yield Reason(kind, text, stopped or advice)


def recorder_notes(trace: Log) -> Iterator[Note]:
    """What else the recorder had to say."""
    for text in trace.notes:
        if _gap(text) is None:
            yield Note("recorder", text)


def _gap(text: str) -> str | None:
    return next((start for start in _GAPS if text.startswith(start)), None)
