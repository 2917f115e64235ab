"""threading.Event: set, clear, is_set and wait, and which set released which wait."""

from __future__ import annotations

import threading
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from .edits import Table, at_end, before, edited, guarded, heading, results
from .gates import gated
from .objects import STATES, State, adopting, of_programs, state
from .shown import shown


class _Event(State):
    __slots__ = ("last_set",)

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.last_set = 0


@adopting
def _created(event: threading.Event) -> None:
    state(event, _Event)


@of_programs
def _is_set(event: threading.Event, flag: bool) -> bool:
    if known := state(event, _Event):
        # The SET comes before the flag is set: in a recording one may have looked in between.
        flag = _core.replay.expected_value(Op.IS_SET, flag)
        _core.record.emit(Op.IS_SET, known.number, value=flag)
    return flag


@of_programs
def _set(event: threading.Event) -> None:
    if known := state(event, _Event):
        known.last_set = _core.record.emit(Op.SET, known.number)


@of_programs
def _cleared(event: threading.Event) -> None:
    if known := state(event, _Event):
        _core.record.emit(Op.CLEAR, known.number)


@of_programs
def _requested(event: threading.Event, timeout: float | None, foretold: None) -> bool | None:
    """What the wait comes to in a replay, where it ends when its turn comes: the event may be set
    and cleared before the thread looks. None if it is to wait."""
    known = state(event, _Event)
    if known is None:
        return foretold
    bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
    _core.record.emit(Op.REQUEST, known.number, bounded, "wait")
    if not _core.replay.replaying():
        return None
    _core.control.gate(Op.WAIT, known.number)
    outcome = _core.replay.expected_outcome(Op.WAIT)
    return outcome == Outcome.OK if outcome in (Outcome.OK, Outcome.TIMED_OUT) else None


def _has_to_wait(foretold: bool | None, waits: bool) -> bool:
    return waits and foretold is None


@of_programs
def _waited(event: threading.Event, signaled: bool) -> bool:
    if known := state(event, _Event):
        if signaled:
            _core.record.emit(Op.WAIT, known.number, link=known.last_set)
        else:
            _core.record.emit(Op.WAIT, known.number, Outcome.TIMED_OUT)
    return signaled


@of_programs
def _interrupted(event: threading.Event) -> None:
    if known := state(event, _Event):
        _core.record.emit(Op.WAIT, known.number, Outcome.INTERRUPTED)


STATES[threading.Event] = _Event

PATCHES: Final[Table] = [
    *shown(threading.Event),
    edited(threading.Event.__init__, at_end(_created)),
    edited(threading.Event.is_set, gated(Op.IS_SET), results(_is_set)),
    edited(threading.Event.set, gated(Op.SET), before("self._flag = True", _set)),
    edited(threading.Event.clear, gated(Op.CLEAR), before("self._flag = False", _cleared)),
    edited(
        threading.Event.wait,
        gated(Op.WAIT),
        results(_waited, "self, result if _foretold is None else _foretold"),
        before("with self._cond:", _requested, "self, timeout, None", into="_foretold"),
        heading("if not signaled:", _has_to_wait, "_foretold, value"),
        guarded("with self._cond:", _interrupted),
    ),
]
