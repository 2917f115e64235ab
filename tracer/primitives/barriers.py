"""threading.Barrier: arrivals and departures of each generation.

With an action, the last thread departs from its own barrier before the action and arrives again
after it: the action comes after every arrival and before every other departure.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from .edits import (
    Table,
    after,
    at_end,
    before,
    edited,
    guarded,
    results,
)
from .gates import gated
from .objects import KEY, STATES, Shared, State, adopting, shared, state
from .shown import shown


class _Barrier(State):
    __slots__ = ("failed", "generation")

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.generation = 0
        self.failed: set[int] = set()  # idents of threads whose failure was recorded


class SharedBarrier(Shared):
    """The recorder's knowledge of a Barrier of several processes."""

    __slots__ = ("_shared", "failed")

    def __init__(self, owner: Any, key: str = "") -> None:
        super().__init__(owner, key)
        self._shared = owner._array  # its third int is ours
        self.failed: set[int] = set()

    @property
    def generation(self) -> int:
        """How often the barrier has let its threads go."""
        number: int = self._shared[2]
        return number

    @generation.setter
    def generation(self, number: int) -> None:
        self._shared[2] = number


def _known(barrier: threading.Barrier) -> _Barrier | SharedBarrier | None:
    known = _core.primitives.kept(barrier, KEY)
    if type(known) in (tuple, SharedBarrier):
        return shared(barrier, SharedBarrier)
    return state(barrier, _Barrier)


@adopting
def _created(barrier: threading.Barrier) -> None:
    state(barrier, _Barrier)


def _requested(barrier: threading.Barrier, timeout: float | None) -> None:
    if known := _known(barrier):
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.record.emit(Op.REQUEST, known.number, bounded, "wait")
        if _core.replay.replaying():
            # Before its turn it would keep others out of the barrier.
            _core.control.gate(Op.ARRIVE, known.number)


def _arrived(barrier: threading.Barrier) -> int:
    if known := _known(barrier):
        _core.record.emit(Op.ARRIVE, known.number, value=known.generation)
        return known.generation
    return 0


def _acting(barrier: threading.Barrier) -> None:
    if known := _known(barrier):
        _core.record.emit(Op.WAIT, known.number, value=known.generation)


def _acted(barrier: threading.Barrier) -> None:
    if known := _known(barrier):
        _core.record.emit(Op.ARRIVE, known.number, value=known.generation)


def _tripped(barrier: threading.Barrier) -> None:
    if known := _known(barrier):
        known.generation += 1


def _departed(barrier: threading.Barrier, generation: int, index: int) -> int:
    if known := _known(barrier):
        _core.record.emit(Op.WAIT, known.number, value=generation)
    return index


def _timed_out(barrier: threading.Barrier) -> None:
    if known := _known(barrier):
        known.failed.add(threading.get_ident())
        _core.record.emit(Op.WAIT, known.number, Outcome.TIMED_OUT)


def _failing(barrier: threading.Barrier) -> None:
    """Recorded while the barrier's lock is held, so that the log has the order of what happened."""
    known = _known(barrier)
    if known is None or threading.get_ident() in known.failed:
        return
    known.failed.add(threading.get_ident())
    if isinstance(sys.exception(), threading.BrokenBarrierError):
        outcome = Outcome.BROKEN
    elif isinstance(sys.exception(), KeyboardInterrupt):
        outcome = Outcome.INTERRUPTED
    else:
        outcome = Outcome.RAISED  # by the action
    _core.record.emit(Op.WAIT, known.number, outcome)


def _failed(barrier: threading.Barrier) -> None:
    """It may have failed to get the lock."""
    _failing(barrier)
    if known := _known(barrier):
        known.failed.discard(threading.get_ident())


def _reset(barrier: threading.Barrier) -> None:
    if known := _known(barrier):
        known.generation += 1
        _core.record.emit(Op.RESET, known.number)


def _aborted(barrier: threading.Barrier) -> None:
    if known := _known(barrier):
        _core.record.emit(Op.ABORT, known.number)


def _looked(barrier: threading.Barrier, waiting: int) -> int:
    if known := _known(barrier):
        waiting = _core.replay.expected_value(Op.LOOK, waiting)
        _core.record.emit(Op.LOOK, known.number, value=waiting)
    return waiting


STATES[threading.Barrier] = _Barrier

PATCHES: Final[Table] = [
    *shown(threading.Barrier),
    edited(threading.Barrier.__init__, at_end(_created)),
    edited(
        threading.Barrier.wait,
        gated(Op.ARRIVE),
        before("self._count += 1", _arrived, into="_generation"),
        results(_departed, "self, _generation, result"),
        guarded(("self._enter()", "try:"), _failing),
        before("with self._cond:", _requested, "self, timeout"),
        guarded("with self._cond:", _failed),
    ),
    edited(
        threading.Barrier._release,  # type: ignore[attr-defined]
        before("self._action()", _acting),
        after("self._action()", _acted),
        before("self._state = 1", _tripped),
    ),
    edited(threading.Barrier._wait, before("self._break()", _timed_out)),  # type: ignore[attr-defined]
    edited(threading.Barrier.n_waiting.fget, gated(Op.LOOK), results(_looked)),  # type: ignore[attr-defined]
    edited(threading.Barrier.reset, gated(Op.RESET), before("if self._count > 0:", _reset)),
    edited(threading.Barrier.abort, gated(Op.ABORT), before("self._break()", _aborted)),
]
