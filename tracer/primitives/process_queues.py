"""multiprocessing.Queue, JoinableQueue and SimpleQueue: each item from its put to its get.

An item's PUT rides behind its pickle. A Queue's feeder thread only carries it there: the PUT is
the putting thread's. The queue's locks, semaphores and pipe are internal. Queues that the standard
library makes for its pools are not recorded; what rides in their messages is passed on.
"""

from __future__ import annotations

import sys
from collections import deque
from multiprocessing import queues
from queue import Empty, Full
from typing import Any, Final

from tracer import _core
from tracer.ops import Op, Outcome
from tracer.primitives.gates import gated, has_to_wait
from tracer.primitives.messages import Note, passing
from tracer.primitives.objects import INTERNAL, KEY, Shared, made_by_program, shared
from tracer.primitives.pipes import OWNER, stamped
from tracer.primitives.rewriting import (
    Patch,
    after,
    at_end,
    at_start,
    before,
    edited,
    guarded,
    results,
)


class _Buffer(deque[Any]):
    """The items that wait for the feeder thread, and what is to ride behind each."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: deque[Note | None] = deque()


def _queue(owner: Any) -> Shared | None:
    if KEY not in owner.__dict__:
        # Unpickled: the key is with the pipe.
        key = owner._reader.__dict__.get(OWNER)
        owner.__dict__[KEY] = (key,) if key else INTERNAL
    return shared(owner, Shared)


def _created(owner: Any) -> None:
    if _core.recording() and made_by_program(
        2, "multiprocessing.queues", "multiprocessing.context"
    ):
        known = owner.__dict__[KEY] = Shared(owner)
        owner._reader.__dict__[OWNER] = known.key
    else:
        owner.__dict__[KEY] = INTERNAL


def _buffered(owner: Any) -> None:
    owner._buffer = _Buffer()


def _note(owner: Any, item: object) -> Note | None:
    known = _queue(owner)
    if known is not None:
        return Note(_core.emit(Op.PUT, known.number, value=item))
    note, passing.outgoing = passing.outgoing, None
    return note


def _put(owner: Any, item: object) -> None:
    if isinstance(owner._buffer, _Buffer):
        owner._buffer.notes.append(_note(owner, item))


def _next(buffer: deque[Any]) -> Note | None:
    notes = buffer.notes if isinstance(buffer, _Buffer) else None
    return notes.popleft() if notes else None


def _fed(send: Any, message: Any, note: Note | None) -> Any:
    return message if note is None else stamped(send.__self__, message, note)


def _same(item: object) -> object:
    return item


def _simply_put(owner: Any, message: Any, item: object) -> Any:
    note = _note(owner, item)
    return message if note is None else stamped(owner._writer, message, note)


def _putting(owner: Any, block: bool, timeout: float | None) -> None:
    known = _queue(owner)
    if known is None:
        return
    _core.gate(Op.PUT, known.number)
    if block and has_to_wait(Op.PUT, not owner._sem._semlock._is_zero()):
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.emit(Op.REQUEST, known.number, bounded, "put")
        _core.gate(Op.PUT, known.number)


def _getting(owner: Any, block: bool = True, timeout: float | None = None) -> None:
    known = _queue(owner)
    if known is None:
        return
    _core.gate(Op.GET, known.number)
    handle = owner._reader._handle
    if block and handle is not None and has_to_wait(Op.GET, _core.is_ready(handle, False)):
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.emit(Op.REQUEST, known.number, bounded, "get")
        _core.gate(Op.GET, known.number)


def _got(owner: Any) -> None:
    known = _queue(owner)
    note = passing.incoming
    if known is not None:
        _core.emit(Op.GET, known.number, link=note.seq if note else 0)
    elif note is not None and note.key and _core.recording():
        # A worker has got a task. While it has the queue's lock: so the RUNs are in the order in
        # which the tasks were taken.
        passing.begun = _core.shared_object(note.key)
        _core.emit(Op.RUN, passing.begun, link=note.seq)


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
    _core.emit(op, known.number, outcome)


def _put_failed(owner: Any, block: bool) -> None:
    _failed(owner, Op.PUT, block)


def _get_failed(owner: Any, block: bool = True) -> None:
    _failed(owner, Op.GET, block)


def _join_failed(owner: Any) -> None:
    _failed(owner, Op.JOIN, True)


def _sized(owner: Any, size: int) -> int:
    if known := _queue(owner):
        _core.emit(Op.QSIZE, known.number, value=size)
    return size


def _empty(owner: Any, empty: bool) -> bool:
    if known := _queue(owner):
        _core.emit(Op.EMPTY, known.number, value=empty)
    return empty


def _full(owner: Any, full: bool) -> bool:
    if known := _queue(owner):
        _core.emit(Op.FULL, known.number, value=full)
    return full


def _closing(owner: Any) -> None:
    if known := _queue(owner):
        _core.emit(Op.CLOSE, known.number)


def _task_done(owner: Any) -> None:
    if known := _queue(owner):
        left = owner._unfinished_tasks._semlock._get_value()
        _core.emit(Op.TASK_DONE, known.number, value=left)


def _joining(owner: Any) -> None:
    if known := _queue(owner):
        _core.emit(Op.REQUEST, known.number, value="join")


def _joined(owner: Any) -> None:
    if known := _queue(owner):
        _core.emit(Op.JOIN, known.number)


_ACQUIRE: Final = "if not self._sem.acquire(block, timeout):"
_PUT: Final = (
    before("self._buffer.append(obj)", _put, "self, obj"),
    before(_ACQUIRE, _putting, "self, block, timeout"),
    guarded(_ACQUIRE, _put_failed, "self, block"),
)
_Queue, _Joinable, _Simple = queues.Queue, queues.JoinableQueue, queues.SimpleQueue

PATCHES: Final[list[Patch]] = [
    edited(_Queue.__init__, at_end(_created)),
    edited(_Queue._reset, after("self._buffer = collections.deque()", _buffered)),  # type: ignore[attr-defined]
    edited(_Queue.put, *_PUT),
    edited(
        _Queue._feed,  # type: ignore[attr-defined]
        before("obj = _ForkingPickler.dumps(obj)", _next, "buffer", into="_note"),
        after("obj = _ForkingPickler.dumps(obj)", _fed, "send_bytes, obj, _note", into="obj"),
    ),
    edited(
        _Queue.get,
        before("if block and timeout is None:", _getting, "self, block, timeout"),
        after("res = self._recv_bytes()", _got),
        guarded("if block and timeout is None:", _get_failed, "self, block"),
    ),
    edited(_Queue.qsize, results(_sized)),
    edited(_Queue.empty, results(_empty), gated(Op.EMPTY)),
    edited(_Queue.full, results(_full)),
    edited(_Queue.close, at_start(_closing)),
    edited(_Joinable.put, *_PUT),
    edited(
        _Joinable.task_done,
        before("if self._unfinished_tasks._semlock._is_zero():", _task_done),
    ),
    edited(
        _Joinable.join,
        before("self._cond.wait()", _joining),
        after("if not self._unfinished_tasks", _joined),
        guarded("with self._cond:", _join_failed),
    ),
    edited(_Simple.__init__, at_end(_created)),
    edited(
        _Simple.put,
        before("obj = _ForkingPickler.dumps(obj)", _same, "obj", into="_item"),
        after("obj = _ForkingPickler.dumps(obj)", _simply_put, "self, obj, _item", into="obj"),
        guarded("if self._wlock is None:", _put_failed, "self, True"),
    ),
    edited(
        _Simple.get,
        before("with self._rlock:", _getting),
        after("res = self._reader.recv_bytes()", _got),
        guarded("with self._rlock:", _get_failed),
    ),
    edited(_Simple.empty, results(_empty), gated(Op.EMPTY)),
    edited(_Simple.close, at_start(_closing)),
]
