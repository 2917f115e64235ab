"""What the recorder keeps about one task, be it a Future's or a pool's, and its events.

What came out of a task is ordered after the FINISH on the same object, so no link is needed.
"""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from .objects import State, is_news, state
from .steps import Steps

_GIVEN: Final = Steps("task given")


class Task(State):
    """What is known of a Future or the result object of a pool."""

    __slots__ = ("cancelled", "elsewhere", "finished", "submitted", "told")

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.submitted = 0
        self.elsewhere = False  # whether it is for another process
        self.finished = False  # whether its FINISH has been recorded
        self.cancelled = 0
        self.told: dict[str, bool] = {}  # the last answer to each question


def title(function: object) -> str:
    """What a task is called: the name of its function, or the type of another callable."""
    if isinstance(function, FunctionType | BuiltinFunctionType | MethodType):
        return function.__name__
    return type(function).__name__


def submitted(owner: Any, function: object) -> Task | None:
    """Record that a task is given away; returns what is known of it."""
    known = state(owner, Task)
    if known:
        known.submitted = _core.record.emit(Op.SUBMIT, known.number, value=title(function))
    return known


def giving(known: Task | None) -> None:
    """A thread of the standard library's is about to send a task to other processes."""
    if known:
        _core.primitives.give_envelope(known.submitted, _core.record.share_object(known.number))
    else:
        _core.primitives.take_envelope()  # of one that could not be sent
    _GIVEN.record()


taking: Final = _core.primitives.MessageHook("taking", lambda _: None)
"""A worker process is about to receive a task from the queue."""


def called_back(owner: Any) -> None:
    """The program's callback is about to be called."""
    if known := state(owner, Task):
        _core.record.mark_internal(False)
        if known.cancelled:
            _core.record.emit(Op.CALLBACK, known.number, link=known.cancelled)
        else:
            _core.record.emit(Op.CALLBACK, known.number)


def requested(owner: Any, timeout: float | None) -> None:
    """A thread is about to wait for what comes out."""
    if known := state(owner, Task):
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.record.emit(Op.REQUEST, known.number, bounded, "result")


def timed_out(owner: Any) -> None:
    """A thread has waited in vain."""
    if known := state(owner, Task):
        _core.record.emit(Op.RESULT, known.number, Outcome.TIMED_OUT)


def interrupted(owner: Any) -> None:
    """An exception has cut a wait off."""
    if known := state(owner, Task):
        _core.record.emit(Op.RESULT, known.number, Outcome.INTERRUPTED)


def polled(owner: Any, answer: bool, question: str = "") -> bool:
    """A thread was told whether the task is done; telling it again is not recorded. In a replay, in
    which it may be done earlier, the thread is told so when it was in the recording."""
    if known := state(owner, Task):
        again = _core.replay.replaying()
        due = (
            again and _core.replay.expected(Op.POLL) and _core.replay.to_come(Op.POLL, known.number)
        )
        if due:
            answer = _core.replay.expected_value(Op.POLL, answer)
        elif again:
            answer = known.told.get(question, False)
        known.told[question] = answer
        news = is_news(known.number, answer)
        if due if again else news:
            _core.record.emit(Op.POLL, known.number, value=answer)
    return answer


def polling(owner: Any) -> None:
    """A thread is about to ask whether the task is done."""
    if known := state(owner, Task):
        _core.control.gate(Op.POLL, known.number)


def closed(executor: Any) -> None:
    """An executor is about to be shut down."""
    if known := state(executor, State):
        _core.record.emit(Op.CLOSE, known.number)
