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
from tracer.ops import Outcome
from tracer.primitives import objects
from tracer.primitives.carried import Carried, carried
from tracer.primitives.objects import KEY
from tracer.primitives.pipes import LINE
from tracer.primitives.rewriting import (
    Patch,
    after,
    at_start,
    before,
    edited,
    guarded,
    results,
)
from tracer.primitives.threads import record_late

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
_OWN: Final = "own"
_ACT: Final = "act"
_OF_VALUE: Final = {"get": "get value", "set": "set value"}

_keys: Final = count(1)
_RESULTS: Final = ("#RETURN", "#PROXY")


# In the processes that have proxies.


def _number(proxy: Any) -> int:
    """The number of the object behind the proxy; to be called while something is recorded."""
    known = _core.kept(proxy, KEY)
    if known is not None and known[0] == _core.session():
        return known[1]  # type: ignore[no-any-return]
    token = proxy._token
    if isinstance(token.id, Carried):
        number = _core.shared_object(token.id.key)
    else:  # its server is not recorded
        number = _core.new_object(token.typeid)
        _core.share_object(number, f"{token.address}:{token.id}")
    _core.keep(proxy, KEY, (_core.session(), number))
    _core.bind_object(proxy, number)
    return number


def _known_by(told: str) -> str:
    """The key of an object, which a server has told of."""
    key, _, kind = told.partition(" ")
    if kind:
        _core.share_object(_core.new_object(kind), key)
    return key


def _created(manager: Any, ident: str) -> str:
    told = _core.note_key()
    if not told or manager._serializer != "pickle" or not _core.recording():
        return ident
    return carried(ident, _known_by(told))


def _given(conn: Any, token: Any) -> None:
    line = _core.kept(conn, LINE)
    if line is not None and line.told and _core.recording():
        token.id = carried(token.id, _known_by(line.told))


def _proxy_made(proxy: Any) -> None:
    proxy._id = str(proxy._id)  # each request has it: no key rides there
    if _core.recording() and isinstance(proxy._token.id, Carried):
        _number(proxy)


def _calling(proxy: Any, conn: Any, method: str) -> tuple[Any, int] | None:
    """The connection's line and the object's number, if the call is recorded."""
    if not _core.recording():
        return None
    line = _core.kept(conn, LINE)
    if line is None:
        line = _core.keep(conn, LINE, _core.Line())
    number = _number(proxy)
    return (line, number) if line.call(number, method) else None


def _called(kind: str, call: tuple[Any, int] | None) -> None:
    if call:
        line, number = call
        line.result(number, Outcome.OK if kind in _RESULTS else Outcome.RAISED)


def _call_failed(call: tuple[Any, int] | None) -> None:
    if call:
        line, number = call
        error = sys.exception()
        if isinstance(error, KeyboardInterrupt):
            outcome = Outcome.INTERRUPTED
        elif isinstance(error, EOFError | ConnectionError):
            outcome = Outcome.BROKEN
        else:
            outcome = Outcome.RAISED
        line.result(number, outcome)


# In the server.


class _Managed:
    """What the server knows of one of its objects. `kind` is empty if the object is older."""

    __slots__ = ("key", "kind", "number", "primitive", "ways")

    def __init__(self, managed: Any, kind: str) -> None:
        self.ways: dict[str, str] = {}  # how each method is recorded
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


def _is_standard(server: Any, typeid: str) -> bool:
    """Whether this is one of the types that every SyncManager has."""
    standard = managers.SyncManager._registry.get(typeid)  # type: ignore[attr-defined]
    return standard is not None and standard[0] is server.registry[typeid][0]


def _kind(server: Any, typeid: str, managed: object) -> str:
    if _is_standard(server, typeid):
        return typeid
    return "Lock" if isinstance(managed, _thread.LockType) else type(managed).__name__


def _creating(server: Any, ident: str, managed: object, typeid: str) -> None:
    if not _core.recording():
        return
    known = _core.keep_first(server, KEY, {})
    found = known[ident] = _Managed(managed, _kind(server, typeid, managed))
    _core.give_note(0, f"{found.key} {found.kind}")


def _disposed(server: Any, ident: str) -> None:
    if ident not in server.id_to_local_proxy_obj:
        (_core.kept(server, KEY) or {}).pop(ident, None)


def _serving(initializer: object) -> None:
    if _core.recording() and initializer is None:
        _core.mark_internal(True)


def _making(server: Any, typeid: str) -> None:
    if not _is_standard(server, typeid):
        record_late()  # for the program's function runs


def _serving_client(conn: Any) -> None:
    record_late()
    _core.keep(conn, LINE, _core.Line())


def _managed(server: Any, ident: str) -> _Managed | None:
    known: dict[str, _Managed] = _core.kept(server, KEY) or {}
    return known.get(ident)


def _function(server: Any, conn: Any, ident: str, managed: Any, method: str, function: Any) -> Any:
    """What the server is to call for the request in place of the method."""
    line = _core.kept(conn, LINE)
    if not line.requested:
        return function
    known = _managed(server, ident)
    if known is None:
        line.execute(0)
        return function
    line.execute(known.number)
    way = known.ways.get(method)
    if way is None:
        way = known.ways[method] = _way(known, managed, method, function)
    if way == _OWN:
        _core.mark_internal(False)  # the thread runs the program's code
    elif way == _ACT:
        line.act()
    else:
        return _core.managed(function, managed, way, line)
    return function


def _way(known: _Managed, managed: Any, method: str, function: Any) -> str:
    """How a method of the object is recorded: as the program's own code in the server's thread; as
    what the standard library's hooks record, for the caller; or, by this name, as an access."""
    native = isinstance(function, _NATIVE) and type(managed) is not GeneratorType
    if not native and getattr(function, "__module__", None) not in _LIBRARY:
        return _OWN
    if known.primitive:
        return _ACT
    if type(managed) is _Value and method in _OF_VALUE:
        return _OF_VALUE[method]
    return method if native else _OWN


def _without_method(server: Any, conn: Any, ident: str) -> None:
    """The request is not for one of the object's methods that callers may have."""
    line = _core.kept(conn, LINE)
    if line.requested:
        known = _managed(server, ident)
        line.execute(known.number if known else 0)


def _seen(conn: Any, managed: Any) -> None:
    """The caller gets the object itself, or what it looks like."""
    line = _core.kept(conn, LINE)
    if not line.requested:
        return
    if type(managed) is _Value:
        _core.managed(managed.get, managed, "get value", line)()
    elif type(managed) is managers.Namespace:
        get = managed.__getattribute__
        for name in list(managed.__dict__):
            _core.managed(get, managed, "__getattribute__", line)(name)
    elif type(managed) is array.array:
        _core.managed(managed.__getitem__, managed, "__getitem__", line)(slice(None))
    elif isinstance(managed, list | dict | set):
        _core.managed(managed.copy, managed, "copy", line)()


def _replying(conn: Any, message: tuple[str, Any]) -> None:
    """The server is about to send its answer."""
    kind, result = message
    line = _core.kept(conn, LINE)
    if kind in _RESULTS:
        line.reply(None, _core.take_note() if kind == "#PROXY" else "")
    else:
        line.reply(type(result).__name__ if kind == "#ERROR" else "RemoteError", "")


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
        before(_SEND, _calling, "self, conn, methodname", into="_call"),
        after(_RECEIVE, _called, "kind, _call"),
        after("exposed, token = result", _given, "conn, token"),
        guarded(_SEND, _call_failed, "_call"),
        guarded(_RECEIVE, _call_failed, "_call"),
    ),
    edited(
        _Server.create,
        before("obj = callable(", _making, "self, typeid"),
        before("self.id_to_obj[ident] = (obj,", _creating, "self, ident, obj, typeid"),
    ),
    edited(_Server.decref, after("del self.id_to_obj[ident]", _disposed, "self, ident")),
    edited(
        _Server.serve_client,
        before("while not self.stop_event.is_set():", _serving_client, "conn"),
        before(
            "res = function(",
            _function,
            "self, conn, ident, obj, methodname, function",
            into="function",
        ),
        before("raise AttributeError(", _without_method, "self, conn, ident"),
        after("fallback_func = self.fallback_mapping[methodname]", _seen, "conn, obj"),
        before("send(msg)", _replying, "conn, msg"),
    ),
]
