"""threading.Semaphore and BoundedSemaphore: which release let which acquire in.

Permits are handed on in order: an acquire takes an initial permit while there are any, then the
oldest released one.
"""

from __future__ import annotations

import threading
from collections import deque
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
)
from .gates import gated
from .objects import STATES, State, adopting, state
from .shown import shown


class _Semaphore(State):
    __slots__ = ("initial", "released", "waiting")

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.initial: int = owner._value
        self.released: deque[int] = deque()  # the RELEASE of each permit that came back
        self.waiting: set[int] = set()  # idents of the threads whose wait was recorded


@adopting
def _created(semaphore: threading.Semaphore) -> None:
    state(semaphore, _Semaphore)


def _blocked(semaphore: threading.Semaphore, timeout: float | None) -> None:
    known = state(semaphore, _Semaphore)
    if known and threading.get_ident() not in known.waiting:
        known.waiting.add(threading.get_ident())
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.record.emit(Op.REQUEST, known.number, bounded, "acquire")


def _acquired(semaphore: threading.Semaphore) -> None:
    if known := state(semaphore, _Semaphore):
        known.waiting.discard(threading.get_ident())
        link = 0
        if known.initial > 0:
            known.initial -= 1
        elif known.released:
            link = known.released.popleft()
        _core.record.emit(Op.ACQUIRE, known.number, link=link)


def _gave_up(semaphore: threading.Semaphore, blocking: bool) -> None:
    if known := state(semaphore, _Semaphore):
        known.waiting.discard(threading.get_ident())
        outcome = Outcome.TIMED_OUT if blocking else Outcome.WOULD_BLOCK
        _core.record.emit(Op.ACQUIRE, known.number, outcome)


def _interrupted(semaphore: threading.Semaphore) -> None:
    known = state(semaphore, _Semaphore)
    if known and threading.get_ident() in known.waiting:
        known.waiting.discard(threading.get_ident())
        _core.record.emit(Op.ACQUIRE, known.number, Outcome.INTERRUPTED)


def _released(semaphore: threading.Semaphore, count: int) -> None:
    if known := state(semaphore, _Semaphore):
        for _ in range(count):
            known.released.append(_core.record.emit(Op.RELEASE, known.number))


STATES[threading.Semaphore] = _Semaphore

PATCHES: Final[Table] = [
    *shown(threading.Semaphore, threading.BoundedSemaphore),
    edited(threading.Semaphore.__init__, at_end(_created)),
    edited(threading.BoundedSemaphore.__init__, at_end(_created)),
    edited(
        threading.Semaphore.acquire,
        gated(Op.ACQUIRE),
        before("self._cond.wait(timeout)", _blocked, "self, timeout"),
        after("rc = True", _acquired),
        # Before the semaphore's lock is released, so that the log has the order of the answers.
        before("break", _gave_up, "self, blocking"),
        guarded("with self._cond:", _interrupted),
    ),
    *(
        edited(kind.release, gated(Op.RELEASE), before("self._value += n", _released, "self, n"))
        for kind in (threading.Semaphore, threading.BoundedSemaphore)
    ),
]
