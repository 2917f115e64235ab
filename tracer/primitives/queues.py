"""queue.Queue, LifoQueue, PriorityQueue and SimpleQueue: each item from its put to its get.

The queue's own mutex and conditions are internal: only an item's way through the queue, and the
task_done that releases a join, order anything.
"""

from __future__ import annotations

import queue
import sys
import threading
from _queue import SimpleQueue as _RawSimpleQueue
from collections import deque
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from ..versions import since
from .edits import (
    Table,
    after,
    at_end,
    before,
    edited,
    guarded,
    heading,
    only_controlled,
    results,
)
from .gates import gated, has_to_wait, is_to_end, pass_gate
from .objects import INTERNAL, KEY, STATES, State, adopting, is_internal, state

_NO_ROOM = (queue.Empty, queue.Full)
_Any: Final[Any] = queue
_SHUT_DOWN: Final[tuple[type[BaseException], ...]] = tuple(since("3.13", lambda: [_Any.ShutDown]))


class _Queue(State):
    __slots__ = ("last_done", "puts", "refused", "waiting")

    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        # The PUTs of the items inside, by the item's id, which is its own while it is inside.
        self.puts: dict[int, deque[int]] = {}
        self.last_done = 0
        self.waiting: set[int] = set()  # idents of the threads whose wait was recorded
        self.refused: set[int] = set()  # idents of those whose failure was


@adopting
def _created(owner: queue.Queue[Any]) -> None:
    state(owner, _Queue)


def _blocked(owner: queue.Queue[Any], op: str, timeout: float | None) -> None:
    known = state(owner, _Queue)
    if known and threading.get_ident() not in known.waiting:
        known.waiting.add(threading.get_ident())
        bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
        _core.record.emit(Op.REQUEST, known.number, bounded, op)


def _is_over(owner: queue.Queue[Any], over: bool) -> bool:
    """Whether the time is over: in a replay before the thread has waited at all if it was so in the
    recording."""
    known = state(owner, _Queue)
    if known is None or not _core.replay.replaying() or threading.get_ident() in known.waiting:
        return over
    return not _core.replay.to_come(Op.REQUEST, known.number)


def _put(owner: queue.Queue[Any], item: object) -> None:
    if known := state(owner, _Queue):
        known.waiting.discard(threading.get_ident())
        seq = _core.record.emit(Op.PUT, known.number, value=item)
        known.puts.setdefault(id(item), deque()).append(seq)


def _got(owner: queue.Queue[Any], item: object) -> None:
    if known := state(owner, _Queue):
        known.waiting.discard(threading.get_ident())
        link = 0
        if seqs := known.puts.get(id(item)):
            # The same object may be inside more than once.
            link = seqs.pop() if isinstance(owner, queue.LifoQueue) else seqs.popleft()
            if not seqs:
                del known.puts[id(item)]
        _core.record.emit(Op.GET, known.number, value=item, link=link)


def _refused(owner: queue.Queue[Any], op: int, block: bool) -> None:
    """Recorded while the queue's mutex is held, so that the log has the order of the answers."""
    if known := state(owner, _Queue):
        known.waiting.discard(threading.get_ident())
        known.refused.add(threading.get_ident())
        _core.record.emit(op, known.number, Outcome.TIMED_OUT if block else Outcome.WOULD_BLOCK)


def _failed(owner: queue.Queue[Any], op: int, block: bool) -> None:
    error = sys.exception()
    known = state(owner, _Queue)
    if known is None:
        return
    if threading.get_ident() in known.refused:
        known.refused.discard(threading.get_ident())
        return
    waited = threading.get_ident() in known.waiting
    known.waiting.discard(threading.get_ident())
    if isinstance(error, _NO_ROOM):
        outcome = Outcome.TIMED_OUT if block else Outcome.WOULD_BLOCK
    elif isinstance(error, _SHUT_DOWN):
        outcome = Outcome.BROKEN
    else:
        outcome = Outcome.INTERRUPTED if waited else Outcome.RAISED
    _core.record.emit(op, known.number, outcome)


def _refused_by_put(owner: queue.Queue[Any], item: object) -> None:
    """The program's own _put() raised: the item is not inside."""
    known = state(owner, _Queue)
    if known and (seqs := known.puts.get(id(item))):
        seqs.pop()
        if not seqs:
            del known.puts[id(item)]


def _put_refused(owner: queue.Queue[Any], block: bool) -> None:
    _refused(owner, Op.PUT, block)


def _get_refused(owner: queue.Queue[Any], block: bool) -> None:
    _refused(owner, Op.GET, block)


def _put_failed(owner: queue.Queue[Any], block: bool) -> None:
    _failed(owner, Op.PUT, block)


def _get_failed(owner: queue.Queue[Any], block: bool) -> None:
    _failed(owner, Op.GET, block)


def _join_failed(owner: queue.Queue[Any]) -> None:
    _failed(owner, Op.JOIN, True)


def _put_blocked(owner: queue.Queue[Any], timeout: float | None) -> None:
    _blocked(owner, "put", timeout)


def _get_blocked(owner: queue.Queue[Any], timeout: float | None) -> None:
    _blocked(owner, "get", timeout)


def _join_blocked(owner: queue.Queue[Any]) -> None:
    _blocked(owner, "join", None)


def _task_done(owner: queue.Queue[Any], unfinished: int) -> None:
    if known := state(owner, _Queue):
        known.last_done = _core.record.emit(Op.TASK_DONE, known.number, value=unfinished)


def _joined(owner: queue.Queue[Any]) -> None:
    if known := state(owner, _Queue):
        known.waiting.discard(threading.get_ident())
        _core.record.emit(Op.JOIN, known.number, link=known.last_done)


def _qsize(owner: queue.Queue[Any], size: int) -> int:
    if known := state(owner, _Queue):
        _core.record.emit(Op.QSIZE, known.number, value=size)
    return size


def _empty(owner: queue.Queue[Any], empty: bool) -> bool:
    if known := state(owner, _Queue):
        _core.record.emit(Op.EMPTY, known.number, value=empty)
    return empty


def _full(owner: queue.Queue[Any], full: bool) -> bool:
    if known := state(owner, _Queue):
        _core.record.emit(Op.FULL, known.number, value=full)
    return full


def _shut_down(owner: queue.Queue[Any], immediate: bool) -> None:
    if known := state(owner, _Queue):
        seq = _core.record.emit(Op.SHUTDOWN, known.number, value=immediate)
        if immediate:  # drops the items and ends every join
            known.puts.clear()
            known.last_done = seq


class _Parcel:
    """An item inside a SimpleQueue, with its PUT."""

    __slots__ = ("item", "seq")

    def __init__(self, item: object, seq: int) -> None:
        self.item = item
        self.seq = seq


class _Task(_Parcel):
    """A ThreadPool's, with its SUBMIT, its key, and the STEP with which it was given."""

    __slots__ = ("given", "key")

    def __init__(self, item: object, seq: int, key: str, given: int) -> None:
        super().__init__(item, seq)
        self.key = key
        self.given = given


def _was_taken(item: Any) -> bool:
    """Whether the calling thread takes the item next, by the trace."""
    if isinstance(item, _Task):
        return item.given == _core.replay.expected_link()
    if isinstance(item, _Parcel):
        return item.seq == _core.replay.expected_link()
    if item is None:  # tells a thread of a pool to end
        return is_to_end()
    future = getattr(item, "future", None)
    if future is None:
        return True
    known = _core.primitives.kept(future, KEY)
    # A worker runs it, or finds it cancelled; who ends the pool cancels it.
    ways = (Op.RUN, Op.STEP, Op.CANCEL)
    return isinstance(known, State) and any(_core.replay.to_come(op, known.number) for op in ways)


_GET: Final = _core.primitives.MessageHook("take", _RawSimpleQueue.get)
_PUT: Final = _core.primitives.MessageHook("give", _RawSimpleQueue.put)


class SimpleQueue(_RawSimpleQueue):  # type: ignore[type-arg]
    """queue.SimpleQueue, recorded."""

    def __init__(self) -> None:
        super().__init__()
        # The maker is this constructor's caller: there is no hook in between.
        if is_internal(sys._getframe().f_back):
            _core.primitives.keep(self, KEY, INTERNAL)
        state(self, State)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put the item on the queue; never blocks."""
        known = self._entered(Op.PUT)
        if known:
            item = _Parcel(item, _core.record.emit(Op.PUT, known.number, value=item))
        elif envelope := _core.primitives.take_envelope():
            item = _Task(item, *envelope)
        _PUT[self, item]
        _core.control.wake(self)

    def put_nowait(self, item: Any) -> None:
        """Put the item on the queue."""
        self.put(item, False)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Remove and return an item, or raise queue.Empty."""
        known = self._entered(Op.GET)
        if known is None:
            item = self._take(block, timeout)
            return item.item if isinstance(item, _Parcel) else item
        try:
            if block and has_to_wait(Op.GET, known.number, not super().empty()):
                bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
                _core.record.emit(Op.REQUEST, known.number, bounded, "get")
                pass_gate(self, Op.GET)
            item = self._take(block, timeout)
        except queue.Empty:
            outcome = Outcome.TIMED_OUT if block else Outcome.WOULD_BLOCK
            _core.record.emit(Op.GET, known.number, outcome)
            raise
        except (TypeError, ValueError, OverflowError):  # the timeout
            _core.record.emit(Op.GET, known.number, Outcome.RAISED)
            raise
        except BaseException:
            _core.record.emit(Op.GET, known.number, Outcome.INTERRUPTED)
            raise
        link = 0
        if isinstance(item, _Parcel):
            link, item = item.seq, item.item
        _core.record.emit(Op.GET, known.number, value=item, link=link)
        return item

    def _entered(self, op: Op) -> State | None:
        """What is known of it, where a thread is about to put or get. In a replay the standard
        library's threads do so when they come to it: what they do is ordered by their events."""
        known = state(self, State)
        if known or not _core.replay.replaying():
            pass_gate(self, op)
        return known

    def _take(self, block: bool, timeout: float | None) -> Any:
        """The plain get. Under control it waits for a put in the controller."""
        if (timeout is not None and timeout < 0) or not _core.control.controlled():
            return _GET[self, block, timeout]
        deadline = None if timeout is None else _core.control.deadline_in(timeout)
        waits = block
        while not self._has_own():
            if not waits:
                raise queue.Empty
            waits = _core.control.block(self, deadline, Op.GET)
            if not _core.control.controlled():  # any more
                return _GET[self, block, timeout]
        return _GET[self, False, None]

    def _has_own(self) -> bool:
        """Whether there is an item for the calling thread, which is the first then. In a replay
        that is the one that it took: the GETs, or a pool's RUNs, may be in another order than the
        items were taken in, which the log does not have."""
        if not _core.replay.replaying():
            return not super().empty()
        if _core.replay.expected_outcome(Op.GET) in (Outcome.WOULD_BLOCK, Outcome.TIMED_OUT):
            raise queue.Empty
        items = [super(SimpleQueue, self).get(False) for _ in range(super().qsize())]
        place = next((i for i, item in enumerate(items) if _was_taken(item)), None)
        if place is not None:
            items.insert(0, items.pop(place))
        for item in items:
            super().put(item)
        return place is not None

    def get_nowait(self) -> Any:
        """Remove and return an item, or raise queue.Empty."""
        return self.get(False)

    def qsize(self) -> int:
        """How many items are inside."""
        pass_gate(self, Op.QSIZE)
        size = super().qsize()
        if known := state(self, State):
            _core.record.emit(Op.QSIZE, known.number, value=size)
        return size

    def empty(self) -> bool:
        """Whether no item is inside."""
        pass_gate(self, Op.EMPTY)
        empty = super().empty()
        if known := state(self, State):
            _core.record.emit(Op.EMPTY, known.number, value=empty)
        return empty

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("cannot pickle '_queue.SimpleQueue' object")


SimpleQueue.__module__ = "_queue"
for _name in ("put", "put_nowait", "get", "get_nowait", "qsize", "empty", "__reduce_ex__"):
    setattr(SimpleQueue, _name, _core.interpreter.untraced_method(_name, vars(SimpleQueue)[_name]))

STATES[queue.Queue] = _Queue

PATCHES: Final[Table] = [
    edited(queue.Queue.__init__, at_end(_created)),
    edited(
        queue.Queue.put,
        gated(Op.PUT),
        only_controlled(heading("if remaining <= 0.0:", _is_over, "self, value")),
        before("self.not_full.wait()", _put_blocked, "self, timeout"),
        before("self.not_full.wait(remaining)", _put_blocked, "self, timeout"),
        before("self._put(item)", _put, "self, item"),
        guarded("self._put(item)", _refused_by_put, "self, item"),
        before("raise Full", _put_refused, "self, block"),
        guarded("with self.not_full:", _put_failed, "self, block"),
    ),
    edited(
        queue.Queue.get,
        gated(Op.GET),
        only_controlled(heading("if remaining <= 0.0:", _is_over, "self, value")),
        before("self.not_empty.wait()", _get_blocked, "self, timeout"),
        before("self.not_empty.wait(remaining)", _get_blocked, "self, timeout"),
        after("item = self._get()", _got, "self, item"),
        before("raise Empty", _get_refused, "self, block"),
        guarded("with self.not_empty:", _get_failed, "self, block"),
    ),
    edited(
        queue.Queue.task_done,
        gated(Op.TASK_DONE),
        before("self.unfinished_tasks = unfinished", _task_done, "self, unfinished"),
    ),
    edited(
        queue.Queue.join,
        gated(Op.JOIN),
        before("self.all_tasks_done.wait()", _join_blocked),
        after("while self.unfinished_tasks:", _joined),
        guarded("with self.all_tasks_done:", _join_failed),
    ),
    edited(queue.Queue.qsize, gated(Op.QSIZE), results(_qsize)),
    edited(queue.Queue.empty, gated(Op.EMPTY), results(_empty)),
    edited(queue.Queue.full, gated(Op.FULL), results(_full)),
    (queue, "SimpleQueue", SimpleQueue),
    *since(
        "3.13",
        lambda: [
            edited(
                _Any.Queue.shutdown,
                gated(Op.SHUTDOWN),
                before("self.is_shutdown = True", _shut_down, "self, immediate"),
            )
        ],
    ),
]
