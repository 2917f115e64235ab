"""The primitives of multiprocessing.synchronize.

Of locks and semaphores the native functions behind their methods do the recording
(`core/src/sync/semlock.rs`); here it is decided which of them are the program's, and their numbers
get from process to process. Which release let which acquire of a semaphore in is not known, nor
which notify woke which wait. A Barrier is that of threading (see `barriers`), with its state in
shared memory; there the number of its generation is put, too.
"""

from __future__ import annotations

from multiprocessing import synchronize
from multiprocessing.synchronize import Condition, Event, SemLock
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from ..versions import since
from .barriers import SharedBarrier
from .carried import Carried, carried
from .edits import (
    Table,
    at_end,
    before,
    edited,
    guarded,
    heading,
    only_controlled,
    results,
)
from .gates import gated
from .objects import (
    INTERNAL,
    KEY,
    Shared,
    caller,
    made_by_program,
    module_of,
    shared,
)
from .shown import shown

OWNER: Final = "_racetrace_owner"
"""The attribute with the key of a primitive, of a part that gets from process to process."""

_USER: Final = "_racetrace_user"
"""The attribute with what is known of an Event, of the condition in it."""

_OF_OWNER: Final = "of "  # what a carried key begins with if it is that of the owner

_SYNCHRONIZE: Final = ("multiprocessing.synchronize", "multiprocessing.context")


class _SemLock(Shared):
    __slots__ = ()

    def __init__(self, owner: Any, key: str = "") -> None:
        number = _core.record.object_number(owner._semlock)
        super().__init__(owner, key or _core.record.share_object(number))
        _track(owner, self.number)


def _track(owner: Any, number: int) -> None:
    kind = type(owner).__name__
    if not isinstance(owner, synchronize.Semaphore):
        kind = "RLock" if isinstance(owner, synchronize.RLock) else "Lock"
    _core.primitives.track_semlock(owner._semlock, number, kind, owner._semlock.maxvalue)


def _is_part(owner: Any) -> bool:
    """Whether a Condition, Event or Barrier makes it for itself, and not as its lock."""
    frame = caller()
    while frame is not None and module_of(frame) in _SYNCHRONIZE:
        maker = frame.f_code.co_qualname
        if maker in ("Event.__init__", "Barrier.__init__"):
            return True
        if maker == "Condition.__init__" and isinstance(owner, synchronize.Semaphore):
            return True
        frame = frame.f_back
    return False


def _is_programs(owner: Any) -> bool:
    """To be called by a hook of a constructor."""
    passed = (*_SYNCHRONIZE, "multiprocessing.sharedctypes")
    return made_by_program(*passed) and not _is_part(owner)


def _made(owner: Any) -> None:
    if not _is_programs(owner):
        _core.primitives.keep(owner, KEY, INTERNAL)
    elif _core.record.recording():
        _core.primitives.keep(owner, KEY, _SemLock(owner))
    else:
        _track(owner, 0)  # numbered when a recording starts


def _looked(semaphore: Any, found: Any) -> Any:
    if number := _core.record.object_number(semaphore._semlock):
        found = _core.replay.expected_value(Op.LOOK, found)
        _core.record.emit(Op.LOOK, number, value=found)
    return found


def _pickled(owner: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
    if not _core.record.recording():
        return state
    if _core.primitives.kept(owner, KEY) is None and _core.record.object_number(owner._semlock):
        _core.primitives.keep(owner, KEY, _SemLock(owner))
    known = shared(owner, _SemLock)
    if known is not None:
        return (*state[:-1], carried(state[-1], known.key))
    if key := _core.primitives.kept(owner, OWNER):
        return (*state[:-1], carried(state[-1], _OF_OWNER + key))
    return state


def _rebuilt(owner: Any, state: tuple[Any, ...]) -> None:
    name = state[-1]
    if not isinstance(name, Carried) or not _core.record.recording():
        _core.primitives.keep(owner, KEY, INTERNAL)
    elif name.key.startswith(_OF_OWNER):
        _core.primitives.keep(owner, KEY, INTERNAL)
        _core.primitives.keep(owner, OWNER, name.key.removeprefix(_OF_OWNER))
    else:
        _core.primitives.keep(owner, KEY, _SemLock(owner, name.key))


def _condition_made(condition: Any) -> None:
    if _core.record.recording() and _is_programs(condition):
        known = _core.primitives.keep(condition, KEY, Shared(condition))
        _core.primitives.keep(condition._wait_semaphore, OWNER, known.key)
    else:
        _core.primitives.keep(condition, KEY, INTERNAL)


def _condition_rebuilt(condition: Any) -> None:
    key = _core.primitives.kept(condition._wait_semaphore, OWNER)
    _core.primitives.keep(condition, KEY, (key,) if key else INTERNAL)


def _requested(owner: Any, timeout: float | None) -> None:
    if known := shared(owner, Shared):
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.record.emit(Op.REQUEST, known.number, bounded, "wait")


def _waited(owner: Any, woken: bool) -> bool:
    if known := shared(owner, Shared):
        _core.record.emit(Op.WAIT, known.number, Outcome.OK if woken else Outcome.TIMED_OUT)
    return woken


def _interrupted(owner: Any) -> None:
    if known := shared(owner, Shared):
        _core.record.emit(Op.WAIT, known.number, Outcome.INTERRUPTED)


def _number(condition: Any) -> int:
    """The number that waits for the condition are recorded with: its own, or an Event's; or 0."""
    known = shared(condition, Shared) or _core.primitives.kept(condition, _USER)
    return known.number if known else 0


def _foretold(condition: Any) -> bool | None:
    """What a wait for the condition comes to in a replay, where it ends when its turn comes; None
    if it is to wait. Whose time is over while others are woken is in no order."""
    if not _core.replay.replaying() or not _core.replay.to_come(
        Op.WAIT, number := _number(condition)
    ):
        return None
    _core.control.gate(Op.WAIT, number)
    outcome = _core.replay.expected_outcome(Op.WAIT)
    return outcome == Outcome.OK if outcome in (Outcome.OK, Outcome.TIMED_OUT) else None


def _is_over(condition: Any, over: bool) -> bool:
    """Whether there is no time left for another wait."""
    known = shared(condition, Shared)
    if known is None or not _core.replay.replaying():
        return over
    return not _core.replay.to_come(Op.REQUEST, known.number)


def _notified(condition: Any, count: int) -> int:
    """How many that wait are to be woken: in a replay none, see `_foretold`."""
    if known := shared(condition, Shared):
        waiting = condition._sleeping_count._semlock._get_value()
        woken = _core.replay.expected_value(Op.NOTIFY, min(count, waiting))
        _core.record.emit(Op.NOTIFY, known.number, value=woken)
    return 0 if _core.replay.replaying() and _number(condition) else count


def _event_made(event: Any) -> None:
    programs = _core.record.recording() and _is_programs(event)
    _core.primitives.keep(event, KEY, Shared(event) if programs else INTERNAL)


def _is_set(event: Any, flag: bool) -> bool:
    if known := shared(event, Shared):
        _core.record.emit(Op.IS_SET, known.number, value=flag)
    return flag


def _awaiting_set(event: Any, timeout: float | None) -> None:
    _core.primitives.keep(event._cond, _USER, shared(event, Shared))
    _requested(event, timeout)


def _set(event: Any) -> None:
    _core.primitives.keep(event._cond, _USER, known := shared(event, Shared))
    if known:
        _core.record.emit(Op.SET, known.number)


def _cleared(event: Any) -> None:
    if known := shared(event, Shared):
        _core.record.emit(Op.CLEAR, known.number)


def _with_generation(wrapper_type: Any, size: int) -> Any:
    wrapper = wrapper_type(3 * size)
    wrapper.create_memoryview().cast("i")[2] = 0
    return wrapper


def _barrier_made(barrier: Any) -> None:
    if _core.record.recording() and _is_programs(barrier):
        known = _core.primitives.keep(barrier, KEY, SharedBarrier(barrier))
        _core.primitives.keep(barrier._wrapper, OWNER, known.key)
    else:
        _core.primitives.keep(barrier, KEY, INTERNAL)


def _barrier_rebuilt(barrier: Any) -> None:
    key = _core.primitives.kept(barrier._wrapper, OWNER)
    _core.primitives.keep(barrier, KEY, (key,) if key else INTERNAL)


_core.primitives.install_semlock()

_Any: Final[Any] = SemLock

PATCHES: Final[Table] = [
    *since("3.14", lambda: [edited(_Any.locked, gated(Op.LOOK), results(_looked))]),
    *shown(Condition, Event, synchronize.Semaphore, synchronize.BoundedSemaphore),
    *shown(synchronize.Lock, synchronize.RLock),
    edited(SemLock.__init__, at_end(_made)),
    edited(SemLock.__getstate__, results(_pickled)),
    edited(SemLock.__setstate__, at_end(_rebuilt, "self, state")),  # type: ignore[attr-defined]
    edited(synchronize.Semaphore.get_value, gated(Op.LOOK), results(_looked)),
    edited(Condition.__init__, at_end(_condition_made)),
    edited(Condition.__setstate__, at_end(_condition_rebuilt)),  # type: ignore[attr-defined]
    edited(
        Condition.wait,
        gated(Op.WAIT),
        before("self._sleeping_count.release()", _requested, "self, timeout"),
        before("return self._wait_semaphore", _foretold, into="_foretold"),
        results(_waited, "self, result if _foretold is None else _foretold"),
        guarded("try:", _interrupted),
    ),
    edited(
        Condition.notify,
        gated(Op.NOTIFY),
        before("sleepers = 0", _notified, "self, n", into="n"),
    ),
    edited(
        Condition.wait_for,
        only_controlled(heading("if waittime <= 0:", _is_over, "self, value")),
    ),
    edited(Event.__init__, at_end(_event_made)),
    edited(Event.is_set, gated(Op.IS_SET), results(_is_set)),
    edited(Event.set, gated(Op.SET), before("self._flag.acquire(False)", _set)),
    edited(Event.clear, gated(Op.CLEAR), before("self._flag.acquire(False)", _cleared)),
    edited(
        Event.wait,
        gated(Op.WAIT),
        before("self._cond.wait(timeout)", _awaiting_set, "self, timeout"),
        results(_waited),
        guarded("self._cond.wait(timeout)", _interrupted),
    ),
    edited(
        synchronize.Barrier.__init__,
        before(
            "cond = ctx.Condition()",
            _with_generation,
            "BufferWrapper, struct.calcsize('i')",
            into="wrapper",
        ),
        at_end(_barrier_made),
    ),
    edited(synchronize.Barrier.__setstate__, at_end(_barrier_rebuilt)),  # type: ignore[attr-defined]
]
