"""threading.Condition: wait and notify, and which notify woke which wait.

The condition's lock is the program's, or one made for it: its release and its acquisition around
a wait are recorded by the lock itself.
"""

from __future__ import annotations

import threading
from _thread import LockType
from types import FunctionType
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from .edits import (
    Table,
    after,
    at_end,
    before,
    edited,
    heading,
    results,
)
from .gates import gated
from .objects import STATES, State, adopting, of_programs, state
from .shown import shown


class _Condition(State):
    __slots__ = ("last_notify", "returning", "woken")

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.last_notify = 0
        # A waiter is its raw lock, which the wait refers to, so its id is its own meanwhile.
        self.woken: dict[int, int] = {}  # waiter → the notify that released it
        self.returning: set[int] = set()  # waiters whose wait was not cut off by an exception


@adopting
def _created(condition: threading.Condition) -> None:
    if known := state(condition, _Condition):
        # A lock that no variable names goes by the condition's name.
        _core.record.is_part(condition._lock, known.number)  # type: ignore[attr-defined]


@of_programs
def _requested(condition: threading.Condition, timeout: float | None) -> None:
    if known := state(condition, _Condition):
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.record.emit(Op.REQUEST, known.number, bounded, "wait")


@of_programs
def _returning(condition: threading.Condition, waiter: object, woken: bool) -> bool:
    if known := state(condition, _Condition):
        known.returning.add(id(waiter))
    return woken


@of_programs
def _waited(condition: threading.Condition, waiter: object, woken: bool) -> None:
    if known := state(condition, _Condition):
        link = known.woken.pop(id(waiter), 0)
        if woken:
            _core.record.emit(Op.WAIT, known.number, link=link)
        elif id(waiter) in known.returning:
            _core.record.emit(Op.WAIT, known.number, Outcome.TIMED_OUT)
        else:
            _core.record.emit(Op.WAIT, known.number, Outcome.INTERRUPTED)
        known.returning.discard(id(waiter))


def _is_over(condition: threading.Condition, over: bool) -> bool:
    """Whether the time of a `wait_for` was over before it waited once more: how long its predicate
    takes is in no other event."""
    known = state(condition, _Condition)
    if known is None:
        return over
    if _core.replay.replaying():
        over = _core.replay.to_come(Op.STEP, known.number)
    if over:
        _core.control.gate(Op.STEP, known.number)
        _core.record.emit(Op.STEP, known.number)
    return over


@of_programs
def _notified(condition: threading.Condition, count: int) -> None:
    if known := state(condition, _Condition):
        reached = min(count, len(condition._waiters))  # type: ignore[attr-defined]
        known.last_notify = _core.record.emit(Op.NOTIFY, known.number, value=reached)


@of_programs
def _woken(condition: threading.Condition, waiter: object) -> None:
    if known := state(condition, _Condition):
        known.woken[id(waiter)] = known.last_notify


_tried: Final = FunctionType(
    threading.Condition._is_owned.__code__,  # type: ignore[attr-defined]
    threading.__dict__,
)


def _is_owned(self: threading.Condition) -> bool:
    """CPython's answer for a lock that cannot tell, without trying (and recording) an acquire."""
    lock = self._lock  # type: ignore[attr-defined]
    return lock.locked() if type(lock) is LockType else _tried(self)


_is_owned.__module__ = "threading"
_is_owned.__qualname__ = "Condition._is_owned"
# A traceback that a signal ends in it shows the lines of the function it stands for.
_is_owned.__code__ = _is_owned.__code__.replace(
    co_filename=_tried.__code__.co_filename, co_firstlineno=_tried.__code__.co_firstlineno
)

STATES[threading.Condition] = _Condition

PATCHES: Final[Table] = [
    *shown(threading.Condition),
    edited(threading.Condition.__init__, at_end(_created)),
    (threading.Condition, "_is_owned", _is_owned),
    edited(
        threading.Condition.wait,
        gated(Op.WAIT),
        before("waiter = _allocate_lock()", _requested, "self, timeout"),
        results(_returning, "self, waiter, result"),
        after("self._acquire_restore(saved_state)", _waited, "self, waiter, gotit"),
    ),
    edited(
        threading.Condition.wait_for,
        heading("if waittime <= 0:", _is_over, "self, value"),
    ),
    edited(
        threading.Condition.notify,
        gated(Op.NOTIFY),
        before("waiters = self._waiters", _notified, "self, n"),
        before("waiter.release()", _woken, "self, waiter"),
    ),
]
