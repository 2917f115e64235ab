"""threading.Event: set, clear, is_set and wait, and which set released which wait."""

from __future__ import annotations

import threading
from typing import Any, Final

from tracer import _core
from tracer.ops import Op, Outcome
from tracer.primitives.gates import gated
from tracer.primitives.objects import STATES, State, adopting, of_programs, state
from tracer.primitives.rewriting import Patch, at_end, before, edited, guarded, results


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
        flag = _core.expected_value(Op.IS_SET, flag)
        _core.emit(Op.IS_SET, known.number, value=flag)
    return flag


@of_programs
def _set(event: threading.Event) -> None:
    if known := state(event, _Event):
        known.last_set = _core.emit(Op.SET, known.number)


@of_programs
def _cleared(event: threading.Event) -> None:
    if known := state(event, _Event):
        _core.emit(Op.CLEAR, known.number)


@of_programs
def _requested(event: threading.Event, timeout: float | None) -> None:
    if known := state(event, _Event):
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.emit(Op.REQUEST, known.number, bounded, "wait")


@of_programs
def _waited(event: threading.Event, signaled: bool) -> bool:
    if known := state(event, _Event):
        if signaled:
            _core.emit(Op.WAIT, known.number, link=known.last_set)
        else:
            _core.emit(Op.WAIT, known.number, Outcome.TIMED_OUT)
    return signaled


@of_programs
def _interrupted(event: threading.Event) -> None:
    if known := state(event, _Event):
        _core.emit(Op.WAIT, known.number, Outcome.INTERRUPTED)


STATES[threading.Event] = _Event

PATCHES: Final[list[Patch]] = [
    edited(threading.Event.__init__, at_end(_created)),
    edited(threading.Event.is_set, gated(Op.IS_SET), results(_is_set)),
    edited(threading.Event.set, gated(Op.SET), before("self._flag = True", _set)),
    edited(threading.Event.clear, gated(Op.CLEAR), before("self._flag = False", _cleared)),
    edited(
        threading.Event.wait,
        gated(Op.WAIT),
        results(_waited, "self, result"),
        before("with self._cond:", _requested, "self, timeout"),
        guarded("with self._cond:", _interrupted),
    ),
]
