"""What a thread is told of how others stand: whether they are alive, how many there are and which.

In the recording they may be in their first or last steps then, of which there are no events. So a
replay tells what the recording told.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from .. import _core
from ..ops import Op
from ..versions import by_version
from . import objects, polls
from .edits import Edit, Table, edited, replaced, results
from .gates import gated, gated_observation
from .shown import SHOWN
from .steps import Steps
from .threads import ends, is_alive, known_of

_LISTED: Final = Steps("threads listed")
_UNIDENTIFIED: Final = Steps("thread not identified")


def _observed(thread: threading.Thread, alive: bool) -> Any:
    known = known_of(thread)
    return polls.told(Op.OBSERVE, known.number, alive, ends.count) if known else alive


def _counted(count: int) -> Any:
    if _core.record.recording() and not objects.called_internally():
        return polls.told(Op.OBSERVE, 0, count, ends.count)
    return count


def _listed(threads: list[threading.Thread]) -> list[threading.Thread]:
    if not _core.record.recording() or objects.called_internally():
        return threads
    # One that is about to be started in another thread is not there yet.
    threads = [thread for thread in threads if thread._ident or known_of(thread)]  # type: ignore[attr-defined]
    here = " ".join(map(_label, threads))
    told = polls.told(Op.STEP, _LISTED.number, here, ends.count)
    threads = threads if told == here else _as_told(threads, told.split())
    polls.told(Op.OBSERVE, 0, len(threads), ends.count)
    return threads


def _label(thread: Any) -> str:
    """What the thread is called in the recording and its replays."""
    known = known_of(thread)
    return _core.record.thread_path(known.id) if known else f"#{thread._ident}"


def _as_told(threads: Sequence[threading.Thread], labels: Sequence[str]) -> list[threading.Thread]:
    ended = [thread for one in ends.last if (thread := one())]
    by_label = {_label(thread): thread for thread in (*ended, *threads)}
    return [by_label[label] for label in labels if label in by_label]


def _identified(thread: Any, ident: int | None) -> int | None:
    """The ident, if the thread had one when the recording asked for it."""
    if known_of(thread) is None:
        return ident
    if not _core.replay.replaying():
        if ident is None:
            polls.tell_count()
            _UNIDENTIFIED.make()
        return ident
    polls.tell_count()
    if _UNIDENTIFIED.comes():
        _UNIDENTIFIED.make()
        return None
    return ident


def _settle(thread: threading.Thread) -> None:
    """Have the thread count as one that has ended if it has."""
    if type(thread).is_alive is threading.Thread.is_alive:
        is_alive(thread)
    else:
        thread.is_alive()


# The text of a thread may ask whether it is alive, for what comes of that.
_SETTLED: Final[Mapping[str, Sequence[Edit]]] = {
    "3.11": (replaced("self.is_alive()", _settle, "self"),),
    "3.13": (),
}

PATCHES: Final[Table] = [
    edited(threading.Thread.__repr__, *by_version(_SETTLED), SHOWN),
    edited(threading.Thread.is_alive, gated(Op.OBSERVE), results(_observed)),
    edited(threading.Thread.ident.fget, results(_identified)),  # type: ignore[attr-defined]
    edited(threading.Thread.native_id.fget, results(_identified)),  # type: ignore[attr-defined]
    edited(threading.active_count, gated_observation(), results(_counted, "result")),
    edited(threading.enumerate, gated_observation(), results(_listed, "result")),
]
