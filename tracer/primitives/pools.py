"""multiprocessing.pool.Pool and ThreadPool: each task from its submission to its callback.

The object of a task's events is its result object: what `apply_async` returns, or one for all the
pieces of a map. A task given to another process takes its SUBMIT and the key of that object along.
The pool's own threads, queues and events are internal.
"""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import pool
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from .edits import (
    Table,
    after,
    at_start,
    before,
    edited,
    guarded,
    heading,
    only_controlled,
    results,
)
from .gates import is_to_end
from .objects import State, state
from .shown import shown
from .steps import Steps
from .tasks import (
    Task,
    called_back,
    interrupted,
    polled,
    polling,
    requested,
    submitted,
    taking,
    timed_out,
)

_HELPING: Final = Steps("pool ended")


def _coming(result: Any) -> None:
    """The pool's thread has something for those that may look for it."""
    if known := state(result, Task):
        _core.record.emit(Op.STEP, known.number)


def _about_to_come(result: Any) -> None:
    if known := state(result, Task):
        _core.control.gate(Op.STEP, known.number)


def _ready(result: Any, ready: bool) -> bool:
    told = polled(result, ready)
    if told and not ready:
        result._event.wait()  # in a replay: the pool's thread is about to set it
    return told


def _unsuccessful(result: Any, unready: bool) -> bool:
    return not _ready(result, not unready)


def _late(result: Any, unready: bool) -> bool:
    """Whether a thread has waited in vain; in a replay if it had in the recording."""
    known = state(result, Task)
    if known and _core.replay.replaying():
        _core.control.gate(Op.RESULT, known.number)
        outcome = _core.replay.expected_outcome(Op.RESULT)
        if outcome == Outcome.TIMED_OUT:
            return True
        if outcome is not None and unready:
            result._event.wait()
            return False
    return unready


def _asking(iterator: Any, timeout: float | None) -> None:
    """A thread is about to ask for the next of the results. In a replay it has to wait if it had to
    in the recording, though the result may have come."""
    if known := state(iterator, Task):
        _core.control.gate(Op.RESULT, known.number)
        # That there is none left is no event: what comes next may be another's.
        if _core.replay.to_come(Op.REQUEST, known.number):
            requested(iterator, timeout)


def _awaiting(iterator: Any, timeout: float | None) -> None:
    if not _core.replay.replaying():
        requested(iterator, timeout)


def _waited(result: Any) -> None:
    if known := state(result, Task):
        outcome = Outcome.OK if result._event.is_set() else Outcome.TIMED_OUT
        _core.record.emit(Op.WAIT, known.number, outcome)


def _looks_after_workers(more: bool, change_notifier: Any) -> bool:
    if more or not _core.replay.replaying():
        return more
    if is_to_end():
        return False
    # It was told that the pool is closed, but looks after workers once more: it is told again.
    change_notifier.put(None)
    _core.control.gate(Op.JOIN, 0)
    return True


def _about_to_wait(change_notifier: Any) -> None:
    _core.control.gate(Op.OBSERVE, 0)
    if _core.replay.expected(Op.OBSERVE):
        # It looks after workers once more: what it is told twice it may have heard of at once.
        change_notifier.put(None)


def _gives_no_more(ended: bool) -> bool:
    # For each task that it gives to a worker there is a step.
    return is_to_end() if _core.replay.replaying() else ended


def _takes_no_more(ended: bool) -> bool:
    return ended and not (_core.replay.replaying() and not is_to_end())


def _about_to_help() -> None:
    _HELPING.gate()


def _helping() -> None:
    """A thread that ends the pool has the lock: the workers take no task from here on."""
    _HELPING.record()


def _helps(more: bool, reader: Any) -> bool:
    """Whether there is a task to take in the place of the workers, and a pause after it."""
    if _core.replay.replaying():
        more = _core.replay.to_come(Op.SLEEP, 0)
        if more:
            reader.poll(None)
    return more


def _closing(of: Any) -> None:
    if known := state(of, State):
        _core.record.emit(Op.CLOSE, known.number)


def _terminating(of: Any) -> None:
    if known := state(of, State):
        _core.record.emit(Op.TERMINATE, known.number)


def _native(name: str) -> _core.primitives.MessageHook:
    return _core.primitives.MessageHook(name, lambda result: state(result, Task))


_TOLD: Final = _native("told")
_FINISHED: Final = _core.primitives.MessageHook("finished", pool.ExceptionWithTraceback)  # type: ignore[attr-defined]


def _from_outside(hook: Callable[..., object]) -> _core.interpreter.untraced:
    """The hook, which is not called where get() or successful() calls the method: they have hooks
    of their own."""
    return _core.interpreter.untraced(hook, "by own module")


_SUBMIT: Final = before("self._taskqueue.put(", submitted, "result, func")
_ARRIVES: Final = only_controlled(at_start(_about_to_come))
_Pool, _Apply, _Map = pool.Pool, pool.ApplyResult, pool.MapResult
_Iterator, _Unordered = pool.IMapIterator, pool.IMapUnorderedIterator
_CALLBACKS: Final = (
    before("self._callback(self._value)", called_back),
    before("self._error_callback(self._value)", called_back),
    before("self._event.set()", _coming),
)

PATCHES: Final[Table] = [
    *shown(_Pool),
    edited(_Pool.apply_async, _SUBMIT),
    edited(_Pool._map_async, _SUBMIT),  # type: ignore[attr-defined]
    edited(_Pool.imap, _SUBMIT),
    edited(_Pool.imap_unordered, _SUBMIT),
    edited(
        _Pool._handle_workers.__func__,  # type: ignore[attr-defined]
        only_controlled(
            heading("while thread._state == RUN", _looks_after_workers, "value, change_notifier")
        ),
        only_controlled(
            before("cls._wait_for_updates(", _about_to_wait, "change_notifier"),
        ),
    ),
    edited(
        _Pool._handle_tasks,  # type: ignore[attr-defined]
        before("put(task)", _native("giving"), "cache, task"),
        only_controlled(heading("if thread._state != RUN:", _gives_no_more, "value")),
    ),
    edited(
        _Pool._handle_results,  # type: ignore[attr-defined]
        only_controlled(heading("if thread._state != RUN:", _takes_no_more, "value")),
    ),
    edited(
        pool.worker,  # type: ignore[attr-defined]
        before("task = get()", taking, "inqueue"),
        before("put((job, i, result))", _FINISHED, "outqueue, result"),
    ),
    edited(
        _Pool._help_stuff_finish,  # type: ignore[attr-defined]
        after("inqueue._rlock.acquire()", _helping, ""),
        only_controlled(before("inqueue._rlock.acquire()", _about_to_help, "")),
        heading("while task_handler.is_alive()", _helps, "value, inqueue._reader"),
    ),
    edited(
        pool.ThreadPool._help_stuff_finish,  # type: ignore[attr-defined]
        before("inqueue.get(block=False)", _native("draining"), "inqueue"),
    ),
    edited(_Pool.close, before("if self._state == RUN:", _closing)),
    edited(_Pool.terminate, before("self._state = TERMINATE", _terminating)),
    edited(_Apply._set, *_CALLBACKS),  # type: ignore[attr-defined]
    edited(_Map._set, *_CALLBACKS),  # type: ignore[attr-defined]
    edited(
        _Apply.ready,
        results(_from_outside(_ready)),
        only_controlled(at_start(_from_outside(polling))),
    ),
    edited(
        _Apply.successful,
        heading("if not self.ready():", _unsuccessful, "self, value"),
        only_controlled(at_start(polling)),
    ),
    edited(
        _Apply.wait,
        before("self._event.wait(timeout)", _native("waiting"), "self, timeout"),
        after("self._event.wait(timeout)", _from_outside(_waited)),
        guarded("self._event.wait(timeout)", interrupted),
    ),
    edited(
        _Apply.get,
        only_controlled(heading("if not self.ready():", _late, "self, value")),
        before("raise TimeoutError", timed_out),
        before("if self._success:", _TOLD, "self, self._success, self._value"),
    ),
    edited(_Iterator._set, _ARRIVES, before("if self._index == i:", _coming)),  # type: ignore[attr-defined]
    edited(_Unordered._set, _ARRIVES, before("self._items.append(obj)", _coming)),  # type: ignore[attr-defined]
    edited(_Iterator._set_length, _ARRIVES, before("self._length = length", _coming)),  # type: ignore[attr-defined]
    edited(
        _Iterator.next,
        only_controlled(at_start(_asking, "self, timeout")),
        before("self._cond.wait(timeout)", _awaiting, "self, timeout"),
        guarded("self._cond.wait(timeout)", interrupted),
        before("raise TimeoutError", timed_out),
        before("if success:", _TOLD, "self, success, value"),
    ),
]
