"""multiprocessing.pool.Pool and ThreadPool: each task from its submission to its callback.

The object of a task's events is its result object: what `apply_async` returns, or one for all the
pieces of a map. A task given to another process takes its SUBMIT and the key of that object along.
The pool's own threads, queues and events are internal.
"""

from __future__ import annotations

import sys
from multiprocessing import pool
from typing import Any, Final

from tracer import _core
from tracer.ops import Op, Outcome
from tracer.primitives.gates import only_controlled
from tracer.primitives.objects import State, state
from tracer.primitives.rewriting import Patch, after, before, edited, guarded, results
from tracer.primitives.tasks import (
    Task,
    called_back,
    interrupted,
    polled,
    requested,
    submitted,
    timed_out,
)

_in_threads: Final[dict[int, tuple[int, str]]] = {}
"""The tasks that wait for a worker of a ThreadPool, by job."""


def _submitted(of: pool.Pool, result: Any, function: object) -> None:
    known = submitted(result, function)
    if known and isinstance(of, pool.ThreadPool):
        _in_threads[result._job] = known.note()


def _giving(results: Any, outqueue: Any, task: Any) -> None:
    """The pool's thread is about to send a task to the workers."""
    if hasattr(outqueue, "_reader"):
        known = state(results[task[0]], Task) if task[0] in results else None
        if known:
            _core.give_note(*known.note())
        else:
            _core.take_note()  # of one that could not be sent


def _taking() -> None:
    # Which worker takes a task is decided here, before the queue's own lock.
    _core.gate(Op.RUN, 0)


def _taken(inqueue: Any, task: Any) -> int:
    """A worker has got a task: the number of its object."""
    if task is None or not _core.recording():
        return 0
    if hasattr(inqueue, "_reader"):
        return _core.take_begun()
    note = _in_threads.get(task[0])
    if note is None:
        return 0
    seq, key = note
    number = _core.shared_object(key)
    _core.emit(Op.RUN, number, link=seq)
    return number


def _finished(number: int, outcome: tuple[bool, Any]) -> None:
    """A worker is done with a task, and about to say so."""
    if number:
        done, value = outcome
        if done:
            _core.emit(Op.FINISH, number, value=value)
        else:
            if isinstance(value, pool.ExceptionWithTraceback):  # type: ignore[attr-defined]
                value = value.exc
            _core.emit(Op.FINISH, number, Outcome.RAISED, type(value).__name__)


def _done_with(result: Any) -> None:
    _in_threads.pop(result._job, None)


def _waiting(result: Any, timeout: float | None) -> None:
    if not result._event.is_set():
        requested(result, timeout)


def _waited(result: Any) -> None:
    """wait() has ended; what get() makes of it is recorded there."""
    if sys._getframe(2).f_code is pool.ApplyResult.get.__code__:
        return
    if known := state(result, Task):
        outcome = Outcome.OK if result._event.is_set() else Outcome.TIMED_OUT
        _core.emit(Op.WAIT, known.number, outcome)


def _got(result: Any, success: bool, value: object) -> None:
    if known := state(result, Task):
        if success:
            _core.emit(Op.RESULT, known.number, value=value)
        else:
            _core.emit(Op.RESULT, known.number, Outcome.RAISED, type(value).__name__)


def _closing(of: Any) -> None:
    if known := state(of, State):
        _core.emit(Op.CLOSE, known.number)


def _terminating(of: Any) -> None:
    if known := state(of, State):
        _core.emit(Op.TERMINATE, known.number)


_SUBMIT: Final = before("self._taskqueue.put(", _submitted, "self, result, func")
_Pool, _Apply, _Map, _Iterator = (
    pool.Pool,
    pool.ApplyResult,
    pool.MapResult,
    pool.IMapIterator,
)
_CALLBACKS: Final = (
    before("self._callback(self._value)", called_back),
    before("self._error_callback(self._value)", called_back),
    before("self._event.set()", _done_with),
)

PATCHES: Final[list[Patch]] = [
    edited(_Pool.apply_async, _SUBMIT),
    edited(_Pool._map_async, _SUBMIT),  # type: ignore[attr-defined]
    edited(_Pool.imap, _SUBMIT),
    edited(_Pool.imap_unordered, _SUBMIT),
    edited(_Pool._handle_tasks, before("put(task)", _giving, "cache, outqueue, task")),  # type: ignore[attr-defined]
    edited(
        pool.worker,  # type: ignore[attr-defined]
        only_controlled(before("task = get()", _taking, "")),
        before("job, i, func, args, kwds = task", _taken, "inqueue, task", into="_number"),
        before("put((job, i, result))", _finished, "_number, result"),
    ),
    edited(_Pool.close, before("if self._state == RUN:", _closing)),
    edited(_Pool.terminate, before("self._state = TERMINATE", _terminating)),
    edited(_Apply._set, *_CALLBACKS),  # type: ignore[attr-defined]
    edited(_Map._set, *_CALLBACKS),  # type: ignore[attr-defined]
    edited(_Apply.ready, results(polled)),
    edited(
        _Apply.wait,
        before("self._event.wait(timeout)", _waiting, "self, timeout"),
        after("self._event.wait(timeout)", _waited),
        guarded("self._event.wait(timeout)", interrupted),
    ),
    edited(
        _Apply.get,
        before("raise TimeoutError", timed_out),
        before("if self._success:", _got, "self, self._success, self._value"),
    ),
    edited(
        _Iterator.next,
        before("self._cond.wait(timeout)", requested, "self, timeout"),
        guarded("self._cond.wait(timeout)", interrupted),
        before("raise TimeoutError", timed_out),
        before("if success:", _got, "self, success, value"),
    ),
]
