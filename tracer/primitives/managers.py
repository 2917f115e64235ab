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
from types import BuiltinMethodType, FunctionType, GeneratorType, MethodWrapperType
from typing import Any, Final

from tracer import _core
from tracer.ops import Op, Outcome
from tracer.primitives import objects
from tracer.primitives.carried import Carried, carried
from tracer.primitives.messages import Note, passing
from tracer.primitives.objects import KEY
from tracer.primitives.pipes import NOTE
from tracer.primitives.rewriting import (
    Patch,
    after,
    at_start,
    before,
    edited,
    guarded,
    results,
)

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
_NATIVE: Final = (BuiltinMethodType, MethodWrapperType)
_LIBRARY: Final = frozenset(("threading", "queue", "_queue", "multiprocessing.managers"))
_Value: Final[Any] = managers.Value  # type: ignore[attr-defined]
_OF_VALUE: Final = {"get": "get value", "set": "set value"}

_keys: Final = count(1)


# In the processes that have proxies.


def _number(proxy: Any) -> int:
    """The number of the object behind the proxy; to be called while something is recorded."""
    known = proxy.__dict__.get(KEY)
    if known is not None and known[0] == objects.session():
        return known[1]  # type: ignore[no-any-return]
    token = proxy._token
    if isinstance(token.id, Carried):
        number = _core.shared_object(token.id.key)
    else:  # its server is not recorded
        number = _core.new_object(token.typeid)
        _core.share_object(number, f"{token.address}:{token.id}")
    proxy.__dict__[KEY] = (objects.session(), number)
    _core.bind_object(proxy, number)
    return number


def _known_by(told: str) -> str:
    """The key of an object, which a server has told of."""
    key, _, kind = told.partition(" ")
    if kind:
        _core.share_object(_core.new_object(kind), key)
    return key


def _told(serializer: str) -> str:
    """What the server has said of an object in its last answer to this thread."""
    note = passing.incoming
    return note.key if note and serializer == "pickle" and _core.recording() else ""


def _created(manager: Any, ident: str) -> str:
    told = _told(manager._serializer)
    return carried(ident, _known_by(told)) if told else ident


def _given(proxy: Any, token: Any) -> None:
    told = _told(proxy._serializer)
    if told:
        token.id = carried(token.id, _known_by(told))


def _proxy_made(proxy: Any) -> None:
    proxy._id = str(proxy._id)  # each request has it: no key rides there
    if _core.recording() and isinstance(proxy._token.id, Carried):
        _number(proxy)


def _calling(proxy: Any, method: str) -> int:
    """The number of the CALL; 0 if nothing is recorded."""
    if not _core.recording():
        return 0
    caller = _core.caller()
    seq = _core.emit(Op.CALL, _number(proxy), value=method)
    if proxy._serializer == "pickle":
        passing.outgoing = Note(seq, caller)
    return seq


def _called(proxy: Any, conn: Any, kind: str, call: int) -> None:
    if call and _core.recording():
        note = conn.__dict__.get(NOTE)
        outcome = Outcome.OK if kind in ("#RETURN", "#PROXY") else Outcome.RAISED
        _core.emit(Op.RESULT, _number(proxy), outcome, link=note.seq if note else 0)


def _call_failed(proxy: Any, call: int) -> None:
    passing.outgoing = None
    if call and _core.recording():
        error = sys.exception()
        if isinstance(error, KeyboardInterrupt):
            outcome = Outcome.INTERRUPTED
        elif isinstance(error, EOFError | ConnectionError):
            outcome = Outcome.BROKEN
        else:
            outcome = Outcome.RAISED
        _core.emit(Op.RESULT, _number(proxy), outcome)


# In the server.


class _Managed:
    """What the server knows of one of its objects. `kind` is empty if the object is older."""

    __slots__ = ("key", "kind", "number", "primitive")

    def __init__(self, managed: Any, kind: str) -> None:
        self.primitive = isinstance(managed, _PRIMITIVES)
        self.number = _core.object_number(managed)
        if self.number:
            self.key = _core.share_object(self.number)
            self.kind = ""
            return
        self.key = f"m{_core.process_index()}.{next(_keys)}"
        self.kind = kind
        self.number = _core.shared_object(self.key)
        if isinstance(managed, _LOCKS):
            _core.track_lock(managed, self.number)
        elif self.primitive:
            objects.give(managed, self.number)
            if isinstance(managed, threading.Condition):
                _track_lock_of(managed)
        else:
            _core.bind_object(managed, self.number)


def _track_lock_of(condition: Any) -> None:
    lock = condition._lock
    if isinstance(lock, _LOCKS) and not _core.object_number(lock):
        _core.track_lock(lock, 0)


class _Request:
    """A request that a thread of the server is about to carry out."""

    __slots__ = ("begun", "caller", "number", "seq")

    def __init__(self, note: Note) -> None:
        self.seq = note.seq
        self.caller = note.key
        self.number = 0
        self.begun = False


def _kind(server: Any, typeid: str, managed: object) -> str:
    standard = managers.SyncManager._registry.get(typeid)  # type: ignore[attr-defined]
    if standard is not None and standard[0] is server.registry[typeid][0]:
        return typeid
    return "Lock" if isinstance(managed, _thread.LockType) else type(managed).__name__


def _creating(server: Any, ident: str, managed: object, typeid: str) -> None:
    if not _core.recording():
        return
    known = server.__dict__.setdefault(KEY, {})
    found = known[ident] = _Managed(managed, _kind(server, typeid, managed))
    passing.outgoing = Note(0, f"{found.key} {found.kind}")


def _disposed(server: Any, ident: str) -> None:
    if ident not in server.id_to_local_proxy_obj:
        server.__dict__.get(KEY, {}).pop(ident, None)


def _serving(initializer: object) -> None:
    if _core.recording() and initializer is None:
        _core.mark_internal(True)


def _none() -> None:
    """No request yet."""


def _requested(conn: Any) -> _Request | None:
    note = conn.__dict__.get(NOTE)
    return _Request(note) if note and _core.recording() else None


def _begun(server: Any, ident: str, request: _Request | None) -> None:
    if request is not None:
        managed = server.__dict__.get(KEY, {}).get(ident)
        request.number = managed.number if managed else 0
        request.begun = True
        _core.emit(Op.EXECUTE, request.number, link=request.seq)


def _function(
    server: Any, ident: str, managed: Any, method: str, function: Any, request: _Request | None
) -> Any:
    """What the server is to call for the request in place of the method."""
    if request is None:
        return function
    known = server.__dict__.get(KEY, {}).get(ident)
    native = isinstance(function, _NATIVE)
    if known is not None and (native or getattr(function, "__module__", None) in _LIBRARY):
        if known.primitive:
            _core.act_for(request.caller)
            return function
        if type(managed) is _Value and method in _OF_VALUE:
            return _core.managed(function, managed, _OF_VALUE[method], request.caller)
        if native and type(managed) is not GeneratorType:
            return _core.managed(function, managed, method, request.caller)
    _core.mark_internal(False)  # the thread runs the program's code
    return function


def _seen(managed: Any, request: _Request | None) -> None:
    """The caller gets the object itself, or what it looks like."""
    if request is None:
        return
    if type(managed) is _Value:
        _core.managed(managed.get, managed, "get value", request.caller)()
    elif type(managed) is managers.Namespace:
        get = managed.__getattribute__
        for name in list(managed.__dict__):
            _core.managed(get, managed, "__getattribute__", request.caller)(name)
    elif type(managed) is array.array:
        items = managed.__getitem__
        _core.managed(items, managed, "__getitem__", request.caller)(slice(None))
    elif isinstance(managed, list | dict | set):
        _core.managed(managed.copy, managed, "copy", request.caller)()


def _replying(message: tuple[str, Any], request: _Request | None) -> None:
    """The server is about to send its answer."""
    _core.act_no_more()
    made, passing.outgoing = passing.outgoing, None
    if request is not None and request.begun and _core.recording():
        kind, result = message
        if kind in ("#RETURN", "#PROXY"):
            seq = _core.emit(Op.RETURN, request.number)
        else:
            name = type(result).__name__ if kind == "#ERROR" else "RemoteError"
            seq = _core.emit(Op.RETURN, request.number, Outcome.RAISED, name)
        passing.outgoing = Note(seq, made.key if made else "")


def _proxy_type_made(kind: type) -> type:
    # The methods are made of text: their file, "<string>", may be the program's too.
    for name in kind._exposed_:  # type: ignore[attr-defined]
        function = vars(kind).get(name)
        if isinstance(function, FunctionType):
            _core.pass_over(function.__code__)
    return kind


_core.shared_types([array.array], [managers.BaseProxy])
for _kind_of_proxy in managers.MakeProxyType.__defaults__[0].values():  # type: ignore[attr-defined]
    _proxy_type_made(_kind_of_proxy)

_SEND: Final = "conn.send((self._id, methodname, args, kwds))"
_RECEIVE: Final = "kind, result = conn.recv()"
_Server, _Proxy, _Manager = managers.Server, managers.BaseProxy, managers.BaseManager

PATCHES: Final[list[Patch]] = [
    edited(
        _Manager._create,  # type: ignore[attr-defined]
        after("id, exposed = dispatch(", _created, "self, id", into="id"),
    ),
    edited(
        _Manager._run_server.__func__,  # type: ignore[attr-defined]
        at_start(_serving, "initializer"),
    ),
    edited(managers.MakeProxyType, results(_proxy_type_made, "result")),  # type: ignore[attr-defined]
    edited(_Proxy.__init__, after("self._id = self._token.id", _proxy_made)),
    edited(
        _Proxy._callmethod,
        before(_SEND, _calling, "self, methodname", into="_call"),
        after(_RECEIVE, _called, "self, conn, kind, _call"),
        after("exposed, token = result", _given, "self, token"),
        guarded(_SEND, _call_failed, "self, _call"),
        guarded(_RECEIVE, _call_failed, "self, _call"),
    ),
    edited(
        _Server.create,
        before("self.id_to_obj[ident] = (obj,", _creating, "self, ident, obj, typeid"),
    ),
    edited(_Server.decref, after("del self.id_to_obj[ident]", _disposed, "self, ident")),
    edited(
        _Server.serve_client,
        before("while not self.stop_event.is_set():", _none, "", into="_request"),
        after("request = recv()", _requested, "conn", into="_request"),
        after(
            "ident, methodname, args, kwds = request",
            _begun,
            "self, ident, _request",
        ),
        before(
            "res = function(",
            _function,
            "self, ident, obj, methodname, function, _request",
            into="function",
        ),
        after("fallback_func = self.fallback_mapping[methodname]", _seen, "obj, _request"),
        before("send(msg)", _replying, "msg, _request", into="_request"),
    ),
]
