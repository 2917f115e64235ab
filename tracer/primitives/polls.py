"""What a thread is told that asks again and again: how other threads stand.

An answer is an event if it is another than the last one to the same question; how often answers
that were none came since the thread's last event is told by a STEP, before the new one. So in a
replay each question has the answer that it had.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from .. import _core
from ..ops import Op
from .steps import Steps

_AGAIN: Final = Steps("told again")

_MOST: Final = 10_000
"""So many are counted: a thread that asked more often asks in a replay as often as it comes."""


_Asked = tuple[int, int, int]
"""The session, the op and the object: what was asked."""

_KEPT: Final = 1_000
"""The answers to so many questions are remembered."""


class _Last(threading.local):
    """The last answers that the calling thread got, and how often any of them came again after that
    thread's event `since`."""

    def __init__(self) -> None:
        self.answers: dict[_Asked, tuple[Any, ...]] = {}
        self.count = 0
        self.since = 0


_last: Final = _Last()


def told(op: Op, number: int, answer: Any, *rest: object) -> Any:
    """Record an answer about the object with the number, if it is news; the answer, in a replay
    that of the recording, in which others may have been a step further. `rest` is what makes it
    news, too."""
    asked = (_core.primitives.session(), int(op), number)
    if _core.replay.replaying():
        return _told_again(op, asked, answer)
    if _last.answers.get(asked) == (answer, *rest):
        return _again(answer)
    tell_count()
    _remember(asked, answer, *rest)
    _core.record.emit(op, number, value=answer)
    return answer


def _told_again(op: Op, asked: _Asked, answer: Any) -> Any:
    number = asked[2]
    (known, *_) = _last.answers.get(asked, (answer,))
    if _so_often() < _AGAIN.count_to_come():
        return _again(known)
    tell_count()
    if not _core.replay.to_come(op, number):
        return known
    _core.control.gate(op, number)
    answer = _core.replay.expected_value(op, answer)
    _remember(asked, answer)
    _core.record.emit(op, number, value=answer)
    return answer


def _again(answer: Any) -> Any:
    _last.count, _last.since = _so_often() + 1, _core.record.last_event()
    return answer


def _remember(asked: _Asked, *answer: object) -> None:
    if len(_last.answers) >= _KEPT:
        _last.answers.clear()
    _last.answers[asked] = answer


def tell_count() -> None:
    """Record how often the last answer came again: another event of the thread, which may change
    the answer, comes now."""
    count = _so_often()
    if _core.replay.replaying():
        if count == 0 or count != _AGAIN.count_to_come():
            return
        _AGAIN.gate()
    if 0 < count <= _MOST:
        _AGAIN.record(count)
        _last.count = 0


def _so_often() -> int:
    return _last.count if _last.since == _core.record.last_event() else 0
