"""multiprocessing.Queue, JoinableQueue and SimpleQueue: each item from its put to its get.

An item's PUT rides behind its pickle (see `pipes`; the hooks of a put and a get are native, too). A
Queue's feeder thread only carries it there: the PUT is the putting thread's. The queue's locks,
semaphores and pipe are internal. Queues that the standard library makes for its pools are not
recorded; what rides in their messages is passed on.
"""

from __future__ import annotations

import sys
from collections import deque
from multiprocessing import queues
from queue import Empty, Full
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
    only_controlled,
    results,
)
from .gates import gated
from .objects import INTERNAL, KEY, Shared, made_by_program, of_programs, shared
from .pipes import OWNER


class _Buffer(deque[Any]):
    """The items that wait for the feeder thread, and what is to ride behind each."""

    def __init__(self, semaphore: Any) -> None:
        super().__init__()
        self.envelopes = _core.primitives.Envelopes(semaphore)


def _queue(owner: Any) -> Shared | None:
    return shared(owner, Shared)


def _created(owner: Any) -> None:
    if _core.record.recording() and made_by_program(
        "multiprocessing.queues", "multiprocessing.context"
    ):
        known = _core.primitives.keep(owner, KEY, Shared(owner))
        _core.primitives.keep(owner._reader, OWNER, known.key)
    else:
        _core.primitives.keep(owner, KEY, INTERNAL)


def _rebuilt(owner: Any) -> None:
    key = _core.primitives.kept(owner._reader, OWNER)
    _core.primitives.keep(owner, KEY, (key,) if key else INTERNAL)


def _buffered(owner: Any) -> None:
    owner._buffer = _Buffer(owner._sem._semlock)


def _feeding() -> None:
    _core.control.gate(Op.STEP, 0)


def _failed(owner: Any, op: int, block: bool) -> None:
    known = _queue(owner)
    if known is None:
        return
    error = sys.exception()
    if isinstance(error, Empty | Full):
        outcome = Outcome.TIMED_OUT if block else Outcome.WOULD_BLOCK
    elif isinstance(error, KeyboardInterrupt):
        outcome = Outcome.INTERRUPTED
    elif isinstance(error, EOFError):
        outcome = Outcome.BROKEN
    else:
        outcome = Outcome.RAISED
    _core.record.emit(op, known.number, outcome)


def _put_failed(owner: Any, block: bool) -> None:
    _failed(owner, Op.PUT, block)


def _get_failed(owner: Any, block: bool = True) -> None:
    _failed(owner, Op.GET, block)


def _join_failed(owner: Any) -> None:
    _failed(owner, Op.JOIN, True)


def _sized(owner: Any, size: int) -> int:
    if known := _queue(owner):
        size = _core.replay.expected_value(Op.QSIZE, size)
        _core.record.emit(Op.QSIZE, known.number, value=size)
    return size


@of_programs
def _empty(owner: Any, empty: bool) -> bool:
    if known := _queue(owner):
        empty = _core.replay.expected_value(Op.EMPTY, empty)
        _core.record.emit(Op.EMPTY, known.number, value=empty)
    return empty


def _full(owner: Any, full: bool) -> bool:
    if known := _queue(owner):
        full = _core.replay.expected_value(Op.FULL, full)
        _core.record.emit(Op.FULL, known.number, value=full)
    return full


def _closing(owner: Any) -> None:
    if known := _queue(owner):
        _core.record.emit(Op.CLOSE, known.number)


def _task_done(owner: Any) -> None:
    if known := _queue(owner):
        left = owner._unfinished_tasks._semlock._get_value()
        _core.record.emit(Op.TASK_DONE, known.number, value=left)


def _joining(owner: Any) -> None:
    if known := _queue(owner):
        _core.record.emit(Op.REQUEST, known.number, value="join")


def _joined(owner: Any) -> None:
    if known := _queue(owner):
        _core.record.emit(Op.JOIN, known.number)


def _native(name: str) -> _core.primitives.MessageHook:
    return _core.primitives.MessageHook(name, _queue)


_ACQUIRE: Final = "if not self._sem.acquire(block, timeout):"
_PUT: Final = (
    before("self._buffer.append(obj)", _native("put"), "self, obj"),
    before(_ACQUIRE, _native("putting"), "self, block, timeout"),
    guarded(_ACQUIRE, _put_failed, "self, block"),
)
_GETTING: Final = _native("getting")
_GOT: Final = _native("got")
_FED: Final = _native("fed")
_SIMPLY_PUT: Final = _native("simply_put")
_Queue, _Joinable, _Simple = queues.Queue, queues.JoinableQueue, queues.SimpleQueue

PATCHES: Final[Table] = [
    edited(_Queue.__init__, at_end(_created)),
    edited(_Queue.__setstate__, at_end(_rebuilt)),
    edited(_Queue._reset, after("self._buffer = collections.deque()", _buffered)),  # type: ignore[attr-defined]
    edited(_Queue.put, *_PUT),
    edited(
        _Queue._feed,  # type: ignore[attr-defined]
        before("obj = _ForkingPickler.dumps(obj)", _native("feeding"), "buffer"),
        after("obj = _ForkingPickler.dumps(obj)", _FED, "send_bytes, obj", into="obj"),
        only_controlled(before("wacquire()", _feeding, "")),
        before("send_bytes(obj)", _native("feeds"), "obj"),
    ),
    edited(
        _Queue.get,
        before("if block and timeout is None:", _GETTING, "self, block, timeout"),
        after("res = self._recv_bytes()", _GOT),
        guarded("if block and timeout is None:", _get_failed, "self, block"),
    ),
    edited(_Queue.qsize, results(_sized), gated(Op.QSIZE)),
    edited(_Queue.empty, results(_empty), gated(Op.EMPTY)),
    edited(_Queue.full, results(_full), gated(Op.FULL)),
    edited(_Queue.close, at_start(_closing)),
    edited(_Joinable.put, *_PUT),
    edited(
        _Joinable.task_done,
        before("if self._unfinished_tasks._semlock._is_zero():", _task_done),
        gated(Op.TASK_DONE),
    ),
    edited(
        _Joinable.join,
        before("self._cond.wait()", _joining),
        after("if not self._unfinished_tasks", _joined),
        guarded("with self._cond:", _join_failed),
        gated(Op.JOIN),
    ),
    edited(_Simple.__init__, at_end(_created)),
    edited(_Simple.__setstate__, at_end(_rebuilt)),
    edited(
        _Simple.put,
        before("obj = _ForkingPickler.dumps(obj)", _native("same"), "obj", into="_item"),
        only_controlled(before("with self._wlock:", _native("simply_putting"))),
        before("self._writer.send_bytes(obj)", _SIMPLY_PUT, "self, obj, _item", into="obj"),
        guarded("if self._wlock is None:", _put_failed, "self, True"),
    ),
    edited(
        _Simple.get,
        before("with self._rlock:", _GETTING, "self, True, None"),
        after("res = self._reader.recv_bytes()", _GOT),
        guarded("with self._rlock:", _get_failed),
    ),
    edited(_Simple.empty, results(_empty), gated(Op.EMPTY)),
    edited(_Simple.close, at_start(_closing)),
]
