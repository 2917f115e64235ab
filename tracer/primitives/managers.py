"""multiprocessing's managers: what proxies do to the objects in a manager's server process.

A call of a proxy is four events: CALL, EXECUTE and RETURN in the server's thread that serves the
caller, and RESULT. Where the method is the standard library's, what it does (an access to the
contents of a list, the acquire of a lock) is recorded in the server, as it is executed, on behalf
of the caller (`core/src/record/delegates.rs`): so the order is that of the execution, and whatever
is recorded of a lock or queue of threads is recorded of a managed one. A method of the program's
own classes runs, and is recorded, in the server's thread.

The key of a managed object is made by the server; it gets to other processes with the id in the
proxy's token.
"""

from __future__ import annotations

import _thread
import array
import queue
import sys
import threading
from itertools import count
from multiprocessing import managers
from types import FunctionType
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from . import objects
from .carried import Carried, carried
from .edits import (
    Table,
    after,
    at_start,
    before,
    edited,
    guarded,
    only_controlled,
    results,
)
from .objects import KEY, State, state
from .pipes import EXCHANGE
from .steps import Steps
from .threads import record_late

_LOCKS: Final = (_thread.LockType, _thread.RLock)
_PRIMITIVES: Final = (
    *_LOCKS,
    threading.Condition,
    threading.Event,
    threading.Semaphore,
    threading.Barrier,
    queue.Queue,
    queue.SimpleQueue,
)
_Value: Final[Any] = managers.Value  # type: ignore[attr-defined]

_keys: Final = count(1)
_MAKING: Final = Steps("managed object made")


# In the processes that have proxies.


class _Behind(State):
    """The object behind a proxy."""

    __slots__ = ()

    def __init__(self, proxy: Any) -> None:
        token = proxy._token
        if isinstance(token.id, Carried):
            self.number = _core.record.shared_object(token.id.key)
        else:  # its server is not recorded
            self.number = _core.record.new_object(token.typeid)
            _core.record.share_object(self.number, f"{token.address}:{token.id}")
        _core.record.bind_object(proxy, self.number)


def _behind(proxy: Any) -> _Behind | None:
    return state(proxy, _Behind)


def _known_by(told: str) -> str:
    """The key of an object, which a server has told of."""
    key, _, kind = told.partition(" ")
    if kind:
        _core.record.share_object(_core.record.new_object(kind), key)
    return key


def _connected(owner: Any, conn: Any) -> None:
    """Of a manager or a proxy: the connection's first request is about to be sent."""
    if _core.record.recording() and owner._serializer == "pickle":
        _core.primitives.keep(conn, EXCHANGE, _core.primitives.Exchange()).connect()


def _created(conn: Any, ident: str) -> str:
    exchange = _core.primitives.kept(conn, EXCHANGE)
    if exchange is not None and exchange.seq:
        _MAKING.record(link=exchange.seq)
    return _with_key(exchange, ident)


def _with_key(exchange: Any, ident: str) -> str:
    if exchange is None or not exchange.told or not _core.record.recording():
        return ident
    return carried(ident, _known_by(exchange.told))


def _given(conn: Any, token: Any) -> None:
    token.id = _with_key(_core.primitives.kept(conn, EXCHANGE), token.id)


def _proxy_made(proxy: Any) -> None:
    proxy._id = str(proxy._id)  # each request has it: no key rides there
    if isinstance(proxy._token.id, Carried):
        _behind(proxy)


def _call_failed(conn: Any) -> None:
    exchange = _core.primitives.kept(conn, EXCHANGE)
    if exchange is not None:
        error = sys.exception()
        if isinstance(error, KeyboardInterrupt):
            outcome = Outcome.INTERRUPTED
        elif isinstance(error, EOFError | ConnectionError):
            outcome = Outcome.BROKEN
        else:
            outcome = Outcome.RAISED
        exchange.result(outcome)


# In the server.


class _Managed(_core.primitives.State):
    """What the server knows of one of its objects. `kind` is empty if the object is older."""

    __slots__ = ("key", "kind", "primitive")

    def __init__(self, managed: Any, kind: str) -> None:
        self.primitive = isinstance(managed, _PRIMITIVES)
        self.number = _core.record.object_number(managed)
        if self.number:
            self.key = _core.record.share_object(self.number)
            self.kind = ""
            return
        self.key = f"m{_core.record.process_index()}.{next(_keys)}"
        self.kind = kind
        self.number = _core.record.shared_object(self.key)
        if isinstance(managed, _LOCKS):
            _core.primitives.track_lock(managed, self.number)
        elif self.primitive:
            objects.give(managed, self.number)
            if isinstance(managed, threading.Condition):
                _track_lock_of(managed)
        else:
            _core.record.bind_object(managed, self.number)


def _track_lock_of(condition: Any) -> None:
    lock = condition._lock
    if isinstance(lock, _LOCKS) and not _core.record.object_number(lock):
        _core.primitives.track_lock(lock, 0)


def _is_standard(server: Any, typeid: str) -> bool:
    """Whether this is one of the types that every SyncManager has."""
    standard = managers.SyncManager._registry.get(typeid)  # type: ignore[attr-defined]
    return standard is not None and standard[0] is server.registry[typeid][0]


def _is_made_quietly(server: Any, typeid: str) -> bool:
    """Whether nothing that is recorded happens meanwhile: no function of the program's runs, and no
    thread or process is started."""
    return typeid not in server.registry or (typeid != "Pool" and _is_standard(server, typeid))


def _kind(server: Any, typeid: str, managed: object) -> str:
    if _is_standard(server, typeid):
        return typeid
    return "Lock" if isinstance(managed, _thread.LockType) else type(managed).__name__


def _creating(server: Any, ident: str, managed: object, typeid: str) -> None:
    if not _core.record.recording():
        return
    known = _core.primitives.keep_first(server, KEY, {})
    found = known[ident] = _Managed(managed, _kind(server, typeid, managed))
    step = 0 if _is_made_quietly(server, typeid) else _MAKING.record()
    _core.primitives.give_envelope(step, f"{found.key} {found.kind}")


def _disposed(server: Any, ident: str) -> None:
    if ident not in server.id_to_local_proxy_obj:
        (_core.primitives.kept(server, KEY) or {}).pop(ident, None)


def _started(initializer: object) -> None:
    if _core.record.recording() and initializer is None:
        _core.record.mark_internal(True)


def _accepted(conn: Any) -> None:
    """The connection's first request is about to be received."""
    _core.primitives.keep(conn, EXCHANGE, _core.primitives.Exchange())


def _about_to_make(server: Any, conn: Any, typeid: str) -> None:
    if not _is_made_quietly(server, typeid):
        _serving(conn)
        _MAKING.gate()


def _making(server: Any, typeid: str) -> None:
    # In the server's mutex, in which objects are made one after the other.
    if not _is_made_quietly(server, typeid):
        _MAKING.record()


def _serving(conn: Any) -> None:
    exchange = _core.primitives.kept(conn, EXCHANGE)
    record_late(exchange.told, exchange.seq)


def _receiving() -> None:
    """In a replay a thread that gets no more requests ends at its time: its caller may have closed
    the connection, or it saw between two requests that the server was shut down."""
    own = _core.record.thread_object(_core.record.current_thread())
    if _core.replay.replaying() and _core.replay.to_come(Op.END, own):
        _core.control.gate(Op.END, own)
        raise EOFError


def _seen(conn: Any, managed: Any) -> None:
    """The caller gets the object itself, or what it looks like."""
    exchange = _core.primitives.kept(conn, EXCHANGE)
    if not exchange.requested:
        return
    if type(managed) is _Value:
        exchange.managed(managed.get, managed, "get value")()
    elif type(managed) is managers.Namespace:
        get = managed.__getattribute__
        for name in list(managed.__dict__):
            exchange.managed(get, managed, "__getattribute__")(name)
    elif type(managed) is array.array:
        exchange.managed(managed.__getitem__, managed, "__getitem__")(slice(None))
    elif isinstance(managed, list | dict | set):
        exchange.managed(managed.copy, managed, "copy")()


def _proxy_type_made(kind: type) -> type:
    # The methods are made of text: their file, "<string>", may be the program's too.
    for name in kind._exposed_:  # type: ignore[attr-defined]
        function = vars(kind).get(name)
        if isinstance(function, FunctionType):
            _core.record.pass_over(function.__code__)
    return kind


_core.hooks.shared_types([array.array], [managers.BaseProxy])
for _kind_of_proxy in managers.MakeProxyType.__defaults__[0].values():  # type: ignore[attr-defined]
    _proxy_type_made(_kind_of_proxy)


def _native(name: str) -> _core.primitives.MessageHook:
    return _core.primitives.MessageHook(name, _behind)


_SEND: Final = "conn.send((self._id, methodname, args, kwds))"
_RECEIVE: Final = "kind, result = conn.recv()"
_Server, _Proxy, _Manager = managers.Server, managers.BaseProxy, managers.BaseManager

PATCHES: Final[Table] = [
    edited(
        _Manager._create,  # type: ignore[attr-defined]
        before("id, exposed = dispatch(", _connected, "self, conn"),
        after("id, exposed = dispatch(", _created, "conn, id", into="id"),
    ),
    edited(
        _Manager._run_server.__func__,  # type: ignore[attr-defined]
        at_start(_started, "initializer"),
    ),
    edited(managers.MakeProxyType, results(_proxy_type_made, "result")),  # type: ignore[attr-defined]
    edited(
        _Proxy._connect,  # type: ignore[attr-defined]
        before("dispatch(conn, None, 'accept_connection'", _connected, "self, conn"),
    ),
    edited(_Proxy.__init__, after("self._id = self._token.id", _proxy_made)),
    edited(
        _Proxy._callmethod,
        before(_SEND, _native("calling"), "self, conn, methodname"),
        after(_RECEIVE, _native("called"), "conn, kind"),
        after("exposed, token = result", _given, "conn, token"),
        guarded((_SEND, _RECEIVE), _call_failed, "conn"),
    ),
    edited(
        _Server.create,
        at_start(_about_to_make, "self, c, typeid"),
        before("callable, exposed, method_to_typeid, proxytype =", _making, "self, typeid"),
        before("self.id_to_obj[ident] = (obj,", _creating, "self, ident, obj, typeid"),
    ),
    edited(_Server.decref, after("del self.id_to_obj[ident]", _disposed, "self, ident")),
    edited(
        _Server._handle_request,  # type: ignore[attr-defined]
        before("request = c.recv()", _accepted, "c"),
    ),
    edited(
        _Server.serve_client,
        before("while not self.stop_event.is_set():", _serving, "conn"),
        only_controlled(before("methodname = obj = None", _receiving, "")),
        before(
            "res = function(",
            _native("executing"),
            "self, conn, ident, obj, methodname, function",
            into="function",
        ),
        before("raise AttributeError(", _native("refusing"), "self, conn, ident"),
        after("fallback_func = self.fallback_mapping[methodname]", _seen, "conn, obj"),
        before("send(msg)", _native("replying"), "conn, msg"),
    ),
]
