"""concurrent.futures.Future: when it is finished, cancelled and asked for, and its callbacks.

What came out of a task is ordered after the FINISH on the same object, so no link is needed. The
future's own condition is internal.
"""

from __future__ import annotations

import sys
from concurrent.futures import _base
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final

from tracer import _core
from tracer.events import Op, Outcome
from tracer.primitives.objects import State, is_news, state
from tracer.primitives.rewriting import Patch, at_start, before, edited, guarded, results


class Task(State):
    """What is known of a Future or the result object of a pool."""

    __slots__ = ("cancelled", "finished", "submitted")

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.submitted = 0
        self.finished = False  # whether its FINISH has been recorded
        self.cancelled = 0


def title(function: object) -> str:
    """What a task is called: the name of its function, or the type of another callable."""
    if isinstance(function, FunctionType | BuiltinFunctionType | MethodType):
        return function.__name__
    return type(function).__name__


def submitted(owner: Any, function: object) -> Task | None:
    """Record that a task is given away; returns what is known of it."""
    known = state(owner, Task)
    if known:
        known.submitted = _core.emit(Op.SUBMIT, known.number, value=title(function))
    return known


def called_back(owner: Any) -> None:
    """The program's callback is about to be called."""
    if known := state(owner, Task):
        _core.reveal_thread()
        if known.cancelled:
            _core.emit(Op.CALLBACK, known.number, link=known.cancelled)
        else:
            _core.emit(Op.CALLBACK, known.number)


def requested(owner: Any, timeout: float | None) -> None:
    """A thread is about to wait for what comes out."""
    if known := state(owner, Task):
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.emit(Op.REQUEST, known.number, bounded, "result")


def timed_out(owner: Any) -> None:
    """A thread has waited in vain."""
    if known := state(owner, Task):
        _core.emit(Op.RESULT, known.number, Outcome.TIMED_OUT)


def interrupted(owner: Any) -> None:
    """An exception has cut a wait off."""
    if known := state(owner, Task):
        _core.emit(Op.RESULT, known.number, Outcome.INTERRUPTED)


def polled(owner: Any, answer: bool) -> bool:
    """A thread was told whether the task is done; telling it again is not recorded."""
    known = state(owner, Task)
    if known and is_news(known.number, answer):
        _core.emit(Op.POLL, known.number, value=answer)
    return answer


def _finishing(future: _base.Future[Any], value: object) -> None:
    known = state(future, Task)
    if known and not known.finished:
        known.finished = True
        _core.emit(Op.FINISH, known.number, value=value)


def _failing(future: _base.Future[Any], error: BaseException | None) -> None:
    known = state(future, Task)
    if known and not known.finished:
        known.finished = True
        _core.emit(Op.FINISH, known.number, Outcome.RAISED, type(error).__name__)


def _cancelling(future: _base.Future[Any]) -> None:
    if known := state(future, Task):
        known.cancelled = _core.emit(Op.CANCEL, known.number, value=True)


def _got(future: _base.Future[Any]) -> None:
    if known := state(future, Task):
        error = future._exception
        if error is None:
            _core.emit(Op.RESULT, known.number, value=future._result)
        else:
            _core.emit(Op.RESULT, known.number, Outcome.RAISED, type(error).__name__)


def _got_exception(future: _base.Future[Any], error: BaseException | None) -> Any:
    if known := state(future, Task):
        _core.emit(Op.RESULT, known.number, value=None if error is None else type(error).__name__)
    return error


def _got_cancelled(future: _base.Future[Any]) -> None:
    if known := state(future, Task):
        _core.emit(Op.RESULT, known.number, Outcome.RAISED, link=known.cancelled)


def _waiting(timeout: float | None) -> None:
    if _core.recording():
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.emit(Op.REQUEST, 0, bounded, "wait")


def _wait_interrupted() -> None:
    if _core.recording():
        interrupted = isinstance(sys.exception(), KeyboardInterrupt)
        _core.emit(Op.WAIT, 0, Outcome.INTERRUPTED if interrupted else Outcome.RAISED)


def _passed(future: Any) -> None:
    """A wait for several futures has this one among those that are done."""
    if known := state(future, Task):
        _core.emit(Op.WAIT, known.number, link=known.cancelled)


def _waited(found: Any) -> Any:
    if _core.recording():
        for future in sorted(found.done, key=_number):
            _passed(future)
        if not found.done:
            _core.emit(Op.WAIT, 0, Outcome.TIMED_OUT)
    return found


def _number(future: Any) -> int:
    known = state(future, Task)
    return known.number if known else 0


_Future = _base.Future

PATCHES: Final[list[Patch]] = [
    edited(_Future._invoke_callbacks, before("callback(self)", called_back)),  # type: ignore[attr-defined]
    edited(
        _Future.add_done_callback,
        before("fn(self)", called_back),
    ),
    edited(
        _Future.cancel,
        before("self._state = CANCELLED", _cancelling),
    ),
    edited(_Future.cancelled, results(polled)),
    edited(_Future.done, results(polled)),
    edited(_Future._Future__get_result, at_start(_got)),  # type: ignore[attr-defined]
    edited(
        _Future.result,
        before("raise CancelledError()", _got_cancelled),
        before("self._condition.wait(timeout)", requested, "self, timeout"),
        before("raise TimeoutError()", timed_out),
        guarded("self._condition.wait(timeout)", interrupted),
    ),
    edited(
        _Future.exception,
        results(_got_exception),
        before("raise CancelledError()", _got_cancelled),
        before("self._condition.wait(timeout)", requested, "self, timeout"),
        before("raise TimeoutError()", timed_out),
        guarded("self._condition.wait(timeout)", interrupted),
    ),
    edited(_Future.set_result, before("self._result = result", _finishing, "self, result")),
    edited(
        _Future.set_exception, before("self._exception = exception", _failing, "self, exception")
    ),
    edited(
        _base.wait,
        results(_waited, "result"),
        before("waiter.event.wait(timeout)", _waiting, "timeout"),
        guarded("waiter.event.wait(timeout)", _wait_interrupted, ""),
    ),
    edited(
        _base.as_completed,
        before("waiter.event.wait(wait_timeout)", _waiting, "timeout"),
        guarded("waiter.event.wait(wait_timeout)", _wait_interrupted, ""),
    ),
    edited(_base._yield_finished_futures, before("del f", _passed, "f")),  # type: ignore[attr-defined]
]
