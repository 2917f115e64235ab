"""concurrent.futures.Future: when it is finished, cancelled and asked for, and its callbacks.

The future's own condition is internal.
"""

from __future__ import annotations

import sys
from concurrent.futures import _base
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from .edits import (
    Table,
    after,
    at_end,
    at_start,
    before,
    edited,
    guarded,
    heading,
    only_controlled,
    results,
)
from .gates import gated
from .objects import KEY, called_internally, if_so, made_seen, seen, state
from .tasks import Task, called_back, interrupted, polled, requested, timed_out


def _known(future: _base.Future[Any]) -> Task | None:
    """What is known of a future. One that has had no event yet is numbered by its first: who comes
    first to the gate of one is in no event."""
    known = _core.primitives.kept(future, KEY)
    return known if isinstance(known, Task) else None


def _created(future: _base.Future[Any]) -> None:
    """One that the program makes for itself is to be named after its variable."""
    if not called_internally():
        state(future, Task)


def _about_to_start(future: _base.Future[Any]) -> None:
    if known := _known(future):
        _core.control.gate(Op.STEP if known.elsewhere or known.cancelled else Op.RUN, known.number)


def _starting(future: _base.Future[Any]) -> None:
    """From here on it cannot be cancelled any more, or counts as done if it was."""
    known = _known(future)
    if known is None or not _core.record.recording():
        return
    if known.elsewhere or known.cancelled:
        _core.record.emit(Op.STEP, known.number)
    elif known.submitted:
        _core.record.emit(Op.RUN, known.number, link=known.submitted)


def _looked(future: _base.Future[Any], state_found: bool) -> bool:
    """What a thread does depends on whether another one has finished or cancelled the future: it
    looks at that inside the future's lock."""
    if known := state(future, Task):
        _core.record.emit(Op.STEP, known.number)
    return state_found


_refused: Final = if_so(_looked)
"""A thread has found the future finished or cancelled, where it may go on if it is not."""


def _about_to_finish(future: _base.Future[Any]) -> None:
    known = _known(future)
    if known is None:
        _core.control.gate(Op.FINISH, 0)
    else:
        _core.control.gate(Op.STEP if known.finished else Op.FINISH, known.number)


def _finish(future: _base.Future[Any], outcome: Outcome, value: object) -> None:
    known = state(future, Task)
    if known and known.finished:
        # In another process. Who asks for it here may have to wait until now.
        _core.record.emit(Op.STEP, known.number)
    elif known:
        known.finished = True
        _core.record.emit(Op.FINISH, known.number, outcome, value)


def _finishing(future: _base.Future[Any], value: object) -> None:
    _finish(future, Outcome.OK, value)


def _failing(future: _base.Future[Any], error: BaseException | None) -> None:
    _finish(future, Outcome.RAISED, type(error).__name__)


def _cancelling(future: _base.Future[Any]) -> None:
    if known := state(future, Task):
        known.cancelled = _core.record.emit(Op.CANCEL, known.number, value=True)


def _got(future: _base.Future[Any]) -> None:
    if known := state(future, Task):
        error = future._exception
        if error is None:
            _core.record.emit(Op.RESULT, known.number, value=future._result)
        else:
            _core.record.emit(Op.RESULT, known.number, Outcome.RAISED, type(error).__name__)


def _got_exception(future: _base.Future[Any], error: BaseException | None) -> Any:
    if known := state(future, Task):
        _core.record.emit(
            Op.RESULT, known.number, value=None if error is None else type(error).__name__
        )
    return error


def _got_cancelled(future: _base.Future[Any]) -> None:
    if known := state(future, Task):
        _core.record.emit(Op.RESULT, known.number, Outcome.RAISED, link=known.cancelled)


def _waiting(timeout: float | None) -> None:
    _gate_of_wait()
    if _core.replay.replaying() and not _core.replay.expected(Op.REQUEST):
        return  # what was found at first is given in the waiter, too
    if _core.record.recording():
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.record.emit(Op.REQUEST, 0, bounded, "wait")


def _is_over(over: bool) -> bool:
    """Whether the time of an `as_completed` was over when it would have waited: in a replay, in
    which what is done between takes no time, if it was in the recording."""
    _gate_of_wait()
    if _core.replay.replaying():
        over = _core.replay.expected_outcome(Op.WAIT) == Outcome.TIMED_OUT
    if over and _core.record.recording():
        _core.record.emit(Op.WAIT, 0, Outcome.TIMED_OUT)
    return over


def _wait_interrupted() -> None:
    if _core.record.recording():
        interrupted = isinstance(sys.exception(), KeyboardInterrupt)
        _core.record.emit(Op.WAIT, 0, Outcome.INTERRUPTED if interrupted else Outcome.RAISED)


def _passed(future: Any) -> None:
    """A wait for several futures has this one among those that are done."""
    if known := state(future, Task):
        _core.record.emit(Op.WAIT, known.number, link=known.cancelled)


def _gate_of_wait() -> None:
    _core.control.gate(Op.WAIT, 0)


def _waited(found: Any) -> Any:
    if not _core.record.recording():
        return found
    # In a replay more futures may be done by now than in the recording.
    again = _core.replay.replaying()
    done = set()
    for future in sorted(found.done, key=_number):
        _gate_of_wait()
        if not again or _core.replay.to_come(Op.WAIT, _number(future)):
            _passed(future)
            done.add(future)
    if not done:
        _core.record.emit(Op.WAIT, 0, Outcome.TIMED_OUT)
    return type(found)(done, found.done - done | found.not_done) if again else found


def _in_recorded_order(futures: list[Any]) -> None:
    """Put last, to be taken first, the future that was in the recording, or else the oldest: they
    come out of a set, in the order of their addresses."""
    _gate_of_wait()
    futures.sort(key=_number, reverse=True)
    for i, future in enumerate(futures):
        known = state(future, Task)
        if known and _core.replay.to_come(Op.WAIT, known.number):
            futures.append(futures.pop(i))
            return


def _all_by_waiter(finished: list[Any], pending: set[Any], waiter: Any) -> None:
    """In a replay more futures may be done when they are first looked at than in the recording: all
    are found by the waiter, and come out when they did."""
    if _core.replay.replaying():
        _put_back(finished, waiter)
        pending.update(finished)
        finished.clear()


def _put_back(futures: list[Any], waiter: Any) -> None:
    with waiter.lock:
        waiter.finished_futures[:0] = reversed(futures)
        waiter.event.set()


def _one_comes_next(futures: list[Any], waiter: Any, left: bool) -> bool:
    """Whether one more future comes out of `as_completed` before it waits again."""
    if not left or not _core.replay.replaying():
        return left
    _gate_of_wait()
    if any(_core.replay.to_come(Op.WAIT, _number(future)) for future in futures):
        return True
    _put_back(futures, waiter)
    futures.clear()
    return False


def _has_failed(done: set[Any]) -> bool:
    """As `wait` finds out, which asks one after the other, in the order of their addresses, and has
    no need of what is recorded when the program asks."""
    return any(future._exception is not None for future in done)


def _number(future: Any) -> int:
    known = state(future, Task)
    return known.number if known else 0


_Future = _base.Future


def _about_to_show() -> None:
    _core.control.gate(Op.INPUT, 0)


PATCHES: Final[Table] = [
    # Its text comes from within its lock, which others are kept out of from there on.
    edited(_Future.__repr__, only_controlled(at_start(_about_to_show, ""))),
    edited(_Future.__init__, at_end(made_seen(_created))),
    edited(_Future._invoke_callbacks, before("callback(self)", called_back)),  # type: ignore[attr-defined]
    edited(
        _Future.add_done_callback,
        gated(Op.STEP),
        heading("if self._state not in", _looked, "self, value"),
        before("fn(self)", called_back),
    ),
    edited(
        _Future.cancel,
        gated(Op.CANCEL),
        heading("if self._state in [RUNNING", _refused, "self, value"),
        heading("if self._state in [CANCELLED", _refused, "self, value"),
        before("self._state = CANCELLED", _cancelling),
    ),
    edited(
        _Future.set_running_or_notify_cancel,
        only_controlled(at_start(_about_to_start)),
        before(("self._state = CANCELLED_AND_NOTIFIED", "self._state = RUNNING"), _starting),
    ),
    edited(_Future.cancelled, gated(Op.POLL), results(polled, "self, result, 'cancelled'")),
    edited(_Future.running, gated(Op.POLL), results(polled, "self, result, 'running'")),
    edited(_Future.done, gated(Op.POLL), results(polled)),
    edited(_Future._Future__get_result, at_start(_got)),  # type: ignore[attr-defined]
    edited(
        _Future.result,
        gated(Op.RESULT),
        before("raise CancelledError()", _got_cancelled),
        before("self._condition.wait(timeout)", requested, "self, timeout"),
        before("raise TimeoutError()", timed_out),
        guarded("self._condition.wait(timeout)", interrupted),
    ),
    edited(
        _Future.exception,
        gated(Op.RESULT),
        results(_got_exception),
        before("raise CancelledError()", _got_cancelled),
        before("self._condition.wait(timeout)", requested, "self, timeout"),
        before("raise TimeoutError()", timed_out),
        guarded("self._condition.wait(timeout)", interrupted),
    ),
    edited(
        _Future.set_result,
        only_controlled(at_start(seen(_about_to_finish))),
        heading("if self._state in {CANCELLED", _refused, "self, value"),
        before("self._result = result", seen(_finishing), "self, result"),
    ),
    edited(
        _Future.set_exception,
        only_controlled(at_start(_about_to_finish)),
        heading("if self._state in {CANCELLED", _refused, "self, value"),
        before("self._exception = exception", _failing, "self, exception"),
    ),
    edited(
        _base.wait,
        only_controlled(at_start(_gate_of_wait, "")),
        results(_waited, "result"),
        heading("if any(f for f in done", _has_failed, "done"),
        before("waiter.event.wait(timeout)", _waiting, "timeout"),
        guarded("waiter.event.wait(timeout)", _wait_interrupted, ""),
    ),
    edited(
        _base.as_completed,
        only_controlled(at_start(_gate_of_wait, "")),
        only_controlled(
            after("finished = list(finished)", _all_by_waiter, "finished, pending, waiter")
        ),
        only_controlled(after("waiter.event.wait(wait_timeout)", _gate_of_wait, "")),
        heading("if wait_timeout < 0:", _is_over, "value"),
        before("waiter.event.wait(wait_timeout)", _waiting, "timeout"),
        guarded("waiter.event.wait(wait_timeout)", _wait_interrupted, ""),
    ),
    edited(
        _base._yield_finished_futures,  # type: ignore[attr-defined]
        only_controlled(heading("while fs:", _one_comes_next, "fs, waiter, value")),
        only_controlled(before("f = fs[-1]", _in_recorded_order, "fs")),
        before("del f", _passed, "f"),
    ),
]
