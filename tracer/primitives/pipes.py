"""multiprocessing's pipes and connections: each message from its send to its recv.

The hooks of a send and a recv are native (`core/src/messages`). What rides in a message, behind its
pickle, is a trailer: the event that sent it, and the key of the object that it is about.

Recorded are the connections that the program makes (`Pipe`, `Client`, `Listener.accept`) or is
sent. Those that the standard library makes for its queues, pools and managers are not; what rides
in their messages is passed on. SEND is recorded when the sending begins: the
message may be received before it has ended.
"""

from __future__ import annotations

import sys
from multiprocessing import connection
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from .edits import (
    Table,
    after,
    argument,
    before,
    edited,
    guarded,
    results,
)
from .gates import has_to_wait
from .objects import (
    INTERNAL,
    KEY,
    Shared,
    by_programs,
    called_internally,
    is_news,
    made_by_program,
    of_programs,
    shared,
)
from .steps import Steps

OWNER: Final = "_racetrace_owner"
"""The attribute of an internal connection with the key of what it belongs to."""

EXCHANGE: Final = "_racetrace_exchange"
"""The attribute of a connection between a proxy and its manager with what is known of the call."""


_WAITED: Final = Steps("connections waited for")
_LONG: Final = 64 * " "
"""As long as a text that may not be whole in the trace."""


class _End(Shared):
    """One end of a pipe. `other` is the key of the other end, empty if it is not known."""

    __slots__ = ("other",)

    def __init__(self, owner: Any, key: str = "", other: str = "") -> None:
        super().__init__(owner, key)
        self.other = other

    def state(self) -> tuple[str, ...]:
        return (self.key, self.other)


def _end(conn: Any) -> _End | None:
    return shared(conn, _End)


def _piped(ends: tuple[Any, Any]) -> tuple[Any, Any]:
    if _core.record.recording() and made_by_program("multiprocessing.context"):
        first, second = (_End(end) for end in ends)
        first.other, second.other = second.key, first.key
        _core.primitives.keep(ends[0], KEY, first)
        _core.primitives.keep(ends[1], KEY, second)
    else:
        for end in ends:
            _core.primitives.keep(end, KEY, INTERNAL)
    return ends


def _connected(conn: Any) -> Any:
    if _core.record.recording() and made_by_program("multiprocessing.context"):
        _core.primitives.keep(conn, KEY, _End(conn))
    return conn


def _reduced(conn: Any, how: tuple[Any, ...]) -> tuple[Any, ...]:
    known = _end(conn)
    if known is not None:
        return (*how, {KEY: known.state()})
    if key := _core.primitives.kept(conn, OWNER):
        return (*how, {OWNER: key})
    return how


def _send_failed(conn: Any) -> None:
    _core.primitives.take_envelope()
    if known := _end(conn):
        interrupted = isinstance(sys.exception(), KeyboardInterrupt)
        outcome = Outcome.INTERRUPTED if interrupted else Outcome.RAISED
        _core.record.emit(Op.SEND, known.number, outcome)


def _receive_failed(conn: Any) -> None:
    if known := _end(conn):
        error = sys.exception()
        if isinstance(error, EOFError):
            outcome = Outcome.BROKEN
        elif isinstance(error, KeyboardInterrupt):
            outcome = Outcome.INTERRUPTED
        else:
            outcome = Outcome.RAISED
        _core.record.emit(Op.RECV, known.number, outcome)


@of_programs
def _polling(conn: Any, timeout: float | None) -> None:
    known = _end(conn)
    if known is None:
        return
    _core.control.gate(Op.POLL, known.number)
    ready = _core.os.is_ready(conn._handle, False)
    if timeout == 0 or not has_to_wait(Op.POLL, known.number, ready):
        return
    bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
    _core.record.emit(Op.REQUEST, known.number, bounded, "poll")
    _core.control.gate(Op.POLL, known.number)


@of_programs
def _polled(conn: Any, timeout: float | None, ready: bool) -> bool:
    known = _end(conn)
    if known and (timeout != 0 or is_news(known.number, ready)):
        _core.record.emit(Op.POLL, known.number, value=ready)
    return ready


def _poll_failed(conn: Any) -> None:
    if known := _end(conn):
        interrupted = isinstance(sys.exception(), KeyboardInterrupt)
        outcome = Outcome.INTERRUPTED if interrupted else Outcome.RAISED
        _core.record.emit(Op.POLL, known.number, outcome)


def _closing(conn: Any) -> None:
    if known := _end(conn):
        _core.record.emit(Op.CLOSE, known.number)


@by_programs
def _waited(selector: Any, ready: list[Any]) -> list[Any]:
    """Which of the objects are ready is a step, with their places; in a replay those that were."""
    if not _core.record.recording() or called_internally():
        return ready
    objects = [key.fileobj for key in selector.get_map().values()]
    _WAITED.gate()
    if _core.replay.replaying():
        told = str(_WAITED.expected(_LONG))
        if len(told) < len(_LONG):
            ready = [objects[int(place)] for place in told.split(",") if place]
    places = {id(one): str(place) for place, one in enumerate(objects)}
    _WAITED.record(",".join(places[id(one)] for one in ready))
    return ready


def _native(name: str) -> _core.primitives.MessageHook:
    return _core.primitives.MessageHook(name, _end)


_Base = connection._ConnectionBase
_RECEIVING: Final = _native("receiving")
_RECEIVED: Final = _native("received")
_AT_MOST: Final = _native("received_at_most")

PATCHES: Final[Table] = [
    edited(connection.Pipe, results(_piped, "result")),
    edited(connection.Client, results(_connected, "result")),
    edited(connection.Listener.accept, results(_connected, "result")),
    edited(connection.reduce_connection, results(_reduced, "conn, result")),  # type: ignore[attr-defined]
    edited(
        _Base.send,
        argument("self._send_bytes(", _native("sending"), "self, obj, value"),
        guarded("self._send_bytes(", _send_failed),
    ),
    edited(
        _Base.send_bytes,
        argument("self._send_bytes(", _native("sending_bytes"), "self, value"),
        guarded("self._send_bytes(", _send_failed),
    ),
    edited(
        _Base.recv,
        before("buf = self._recv_bytes(", _RECEIVING),
        after("buf = self._recv_bytes(", _RECEIVED, "self, buf"),
        guarded("buf = self._recv_bytes(", _receive_failed),
    ),
    edited(
        _Base.recv_bytes,
        after("buf = self._recv_bytes(", _AT_MOST, "self, buf, maxlength", into="buf"),
        argument("buf = self._recv_bytes(", _native("receiving_at_most"), "self, value"),
        guarded("buf = self._recv_bytes(", _receive_failed),
    ),
    edited(
        _Base.recv_bytes_into,
        before("result = self._recv_bytes(", _RECEIVING),
        after("result = self._recv_bytes(", _RECEIVED, "self, result"),
        guarded("result = self._recv_bytes(", _receive_failed),
    ),
    edited(
        _Base.poll,
        results(_polled, "self, timeout, result"),
        before("return ", _polling, "self, timeout"),
        guarded("return ", _poll_failed),
    ),
    edited(_Base.close, before("try:", _closing)),
    edited(connection.wait, results(_waited, "selector, result")),
]
