"""threading.Thread and Timer, and the threads that _thread starts.

The parent records START just before the thread is started. The thread records BEGIN before
anything else and END after its excepthook, before anyone can see that it is gone.
"""

from __future__ import annotations

import _thread
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType, FunctionType
from typing import Any, Final

from .. import _core
from ..ops import GapKind, Op, Outcome
from ..versions import by_version, since
from . import objects
from .edits import (
    Table,
    after,
    at_start,
    before,
    edited,
    guarded,
    heading,
    only_controlled,
)
from .gates import gated, pass_gate
from .workers import worker_of


class _Thread:
    """The recorder's knowledge of one started thread in one session."""

    __slots__ = ("begin", "cancel", "end", "failure", "id", "number", "session")

    def __init__(self, numbers: tuple[int, int]) -> None:
        self.session = _core.primitives.session()
        self.id, self.number = numbers
        self.begin = 0  # the BEGIN event
        self.end = 0  # the END event
        # The type and the place of the exception that run() raised.
        self.failure: tuple[str, int] | None = None
        self.cancel = 0  # the CANCEL event of a Timer


def known_of(thread: threading.Thread) -> _Thread | None:
    """What is known of the thread; None if it was not started under this recording."""
    if not _core.record.recording():
        return None
    known = _core.primitives.kept(thread, objects.KEY)
    return known if known is not None and known.session == _core.primitives.session() else None


is_alive: Final = FunctionType(threading.Thread.is_alive.__code__, threading.__dict__)
"""Whether a thread is alive, for nobody to know of."""


class _Ends:
    """The ends of this process's threads so far: how many, and in a replay those that came last."""

    def __init__(self) -> None:
        self.count = 0
        self.last: deque[weakref.ref[threading.Thread]] = deque(maxlen=64)


ends: Final = _Ends()


# Modules whose own threads carry messages and tasks. Others of the standard library start threads
# for the program's functions.
_WITH_HELPERS: Final = frozenset(
    (
        "concurrent.futures.process",
        "multiprocessing.managers",
        "multiprocessing.pool",
        "multiprocessing.queues",
        "multiprocessing.resource_sharer",
    )
)


_SHORT_LIVED: Final = ("multiprocessing.managers", "accepter")
"""Whose threads serve a connection each, most of them for one request of the standard library's:
a thread of a manager's server is recorded from where it serves proxies, or runs the program's code.
Making its files would take longer than what it does."""

_UNRECORDED: Final = "_racetrace_unrecorded"
"""The attribute of a thread that is under control but not recorded: its number there."""


def _is_short_lived(starter: FrameType | None) -> bool:
    code = starter and (objects.module_of(starter), starter.f_code.co_name)
    return code == _SHORT_LIVED


def _about_to_start(thread: threading.Thread) -> None:
    if not _is_short_lived(objects.caller()):
        pass_gate(thread, Op.START)


entering: Final[list[Callable[[], None]]] = []
"""What each thread calls when it begins."""


def _are_greenlets() -> bool:
    """Whether gevent or eventlet have greenlets take the place of threads: those take turns in the
    thread that starts them, and what they do is that thread's."""
    starter = threading.__dict__[_STARTER]
    return str(getattr(starter, "__module__", "")).startswith(("gevent.", "eventlet."))


def _starting(thread: threading.Thread) -> None:
    if not _core.record.recording() or _are_greenlets():
        return
    starter = objects.caller()
    if _is_short_lived(starter):
        if number := _core.record.new_unrecorded_thread():
            _core.primitives.keep(thread, _UNRECORDED, number)
    else:
        internal = objects.module_of(starter) in _WITH_HELPERS
        numbers = _core.record.new_thread(*_described(thread), internal)
        number = _numbered(thread, numbers).number
        if worker := worker_of(starter):
            _core.record.emit(Op.START, number, value=worker)
        else:
            _core.record.emit(Op.START, number)


def _described(thread: threading.Thread) -> tuple[str, bool, str]:
    return thread._name, thread._daemonic, type(thread).__name__  # type: ignore[attr-defined]


def _numbered(thread: threading.Thread, numbers: tuple[int, int]) -> _Thread:
    known = _Thread(numbers)
    _core.primitives.keep(thread, objects.KEY, known)
    _core.record.bind_object(thread, known.number)
    return known


def adopt(running: Sequence[threading.Thread]) -> list[int]:
    """Record threads that run already from their next event on; their ids."""
    described = [(thread.ident or 0, *_described(thread)) for thread in running]
    numbers = _core.record.adopt_threads(described)
    return [_numbered(*one).id for one in zip(running, numbers, strict=True)]


def record_late(serves: str, step: int) -> None:
    """Record the calling thread of the standard library's from here on, if it is not recorded.
    `serves` says for whom it is there, `step` is that one's event, if they are known."""
    if _core.record.recording() and not _core.record.current_thread():
        thread = threading.current_thread()
        known = _numbered(thread, _core.record.late_thread(*_described(thread), serves))
        _core.record.enter_thread(known.id)
        _core.record.emit(Op.BEGIN, known.number, link=step)


def _started(thread: threading.Thread) -> None:
    known = known_of(thread)
    _core.record.await_entry(known.id if known else _core.primitives.kept(thread, _UNRECORDED) or 0)


def _not_started(thread: threading.Thread) -> None:
    if known := known_of(thread):
        _core.primitives.keep(thread, objects.KEY, None)
        _core.record.forget_thread(known.id)
        _core.record.emit(Op.START, known.number, Outcome.RAISED)
    elif number := _core.primitives.kept(thread, _UNRECORDED):
        _core.record.forget_thread(number)


def _entered(thread: threading.Thread) -> None:
    if known := known_of(thread):
        _core.record.enter_thread(known.id)
        known.begin = _core.record.emit(Op.BEGIN, known.number)
        for enter in entering:
            enter()
    elif number := _core.primitives.kept(thread, _UNRECORDED):
        _core.record.enter_unrecorded_thread(number)


def _raised(thread: threading.Thread) -> None:
    if known := known_of(thread):
        with suppress(MemoryError):  # of which the thread may have died
            known.failure = _core.record.failure(sys.exception())
        if threading.excepthook is not threading.__excepthook__:
            _core.record.gap(GapKind.EXCEPTHOOK, "", known.id)


def _left(thread: threading.Thread) -> None:
    if known := known_of(thread):
        _core.control.gate(Op.END, known.number)
        if known.failure is None:
            known.end = _core.record.emit(Op.END, known.number)
        else:
            known.end = _core.record.emit_failed(known.number, *known.failure)
        ends.count += 1
        if _core.replay.replaying():
            ends.last.append(weakref.ref(thread))
    elif _are_greenlets():
        return
    _core.record.leave_thread()


def _joining(thread: threading.Thread, timeout: float | None) -> bool:
    """Whether the join has to wait."""
    known = known_of(thread)
    # Where a replay is past the thread's last steps, the recording may have been in them.
    if known is None or not (is_alive(thread) or _core.replay.expected(Op.REQUEST)):
        return False
    bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
    _core.record.emit(Op.REQUEST, known.number, bounded, "join")
    return True


def _await_end(thread: threading.Thread, timeout: float | None) -> float | None:
    """Wait for the thread's end in the controller; what the real join may still wait."""
    known = known_of(thread)
    if known is None or _counts_as_ended(thread):
        return timeout
    try:
        return timeout if _core.control.await_end(known.id, timeout) else 0.0
    except BaseException:
        if _JOIN_MAY_END_IT:
            _interrupt_join(thread)
        raise


def _interrupt_join(thread: Any) -> None:
    """What an interrupted join does: the thread counts as ended from then on."""
    if (lock := thread._tstate_lock) is not None and lock.locked():
        lock.release()
        thread._stop()


def _counts_as_ended(thread: threading.Thread) -> bool:
    """Whether the interpreter takes it for one that has ended: one that runs, too, once a join of
    it was interrupted."""
    return _JOIN_MAY_END_IT and bool(thread._is_stopped)  # type: ignore[attr-defined]


def _await_all() -> None:
    """What the interpreter waits for before it ends."""
    while waited_for := [
        known
        for thread in threading._active.values()  # type: ignore[attr-defined]
        if not thread.daemon and thread is not threading.main_thread()
        if (known := known_of(thread))
    ]:
        for known in waited_for:
            _core.control.await_end(known.id)


def _joined(thread: threading.Thread, timeout: float | None) -> None:
    if known := known_of(thread):
        in_vain = timeout is not None and is_alive(thread)
        if (recorded := _core.replay.expected_outcome(Op.JOIN)) is not None:
            in_vain = recorded == Outcome.TIMED_OUT
        if in_vain:
            _core.record.emit(Op.JOIN, known.number, Outcome.TIMED_OUT)
        else:
            _core.record.emit(Op.JOIN, known.number, link=known.end)
            if known.end:
                _core.record.joined(known.id, timeout is not None)


def _join_failed(thread: threading.Thread, waited: bool) -> None:
    known = known_of(thread)
    if known and waited:
        interrupted = isinstance(sys.exception(), KeyboardInterrupt)
        outcome = Outcome.INTERRUPTED if interrupted else Outcome.RAISED
        _core.record.emit(Op.JOIN, known.number, outcome)


def _renamed(thread: threading.Thread) -> None:
    if known := known_of(thread):
        _core.record.rename_thread(known.id, thread.name)
    elif _core.record.recording() and thread is threading.current_thread():
        _core.record.rename_thread(_core.record.current_thread(), thread.name)


def _cancelled(timer: threading.Timer) -> None:
    if known := known_of(timer):
        known.cancel = _core.record.emit(Op.CANCEL, known.number)


def _timer_waits(timer: threading.Timer) -> None:
    if known := known_of(timer):
        _core.record.emit(Op.REQUEST, known.number, Outcome.BOUNDED, "wait")


def _timer_waited(timer: threading.Timer) -> None:
    if known := known_of(timer):
        if known.cancel:
            _core.record.emit(Op.WAIT, known.number, link=known.cancel)
        else:
            _core.record.emit(Op.WAIT, known.number, Outcome.TIMED_OUT)


def _fires(timer: threading.Timer, fires: bool) -> bool:
    """Whether a Timer whose wait is over calls its function: in a replay, if it did. It may have
    been cancelled just before it looked, or after."""
    known = known_of(timer)
    if known is None or not _core.replay.replaying():
        return fires
    return _core.replay.to_come(Op.FIRE, known.number)


def _fired(timer: threading.Timer) -> None:
    if known := known_of(timer):
        _core.record.emit(Op.FIRE, known.number)


class _RawThread:
    """A thread without a Thread object: runs the function as CPython's own bootstrap does."""

    __slots__ = ("function", "known")

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function
        _core.control.gate(Op.START, 0)
        name = getattr(function, "__name__", type(function).__name__)
        self.known = _Thread(_core.record.new_thread(name, True, "Thread"))
        _core.record.emit(Op.START, self.known.number)

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        recorded = _core.record.recording() and self.known.session == _core.primitives.session()
        if recorded:
            _core.record.enter_thread(self.known.id)
            _core.record.emit(Op.BEGIN, self.known.number)
        failure: tuple[str, int] | None = None
        try:
            _core.interpreter.call_at_bottom(self.function, args, kwargs)
        except BaseException as error:
            failure = _core.record.failure(error)
            if not isinstance(error, SystemExit):
                traceback = error.__traceback__
                _report(self.function, error, traceback.tb_next if traceback else None)
        finally:
            if recorded and _core.record.recording():
                _core.control.gate(Op.END, self.known.number)
                if failure is None:
                    _core.record.emit(Op.END, self.known.number)
                else:
                    _core.record.emit_failed(self.known.number, *failure)
                ends.count += 1
            _core.record.leave_thread()


def _unraisable_arguments() -> Callable[[tuple[Any, ...]], Any]:
    """The type of what sys.unraisablehook is called with, which has no public name."""
    seen: list[Any] = []

    class Falling:
        def __del__(self) -> None:
            raise RuntimeError

    hook, sys.unraisablehook = sys.unraisablehook, lambda args: seen.append(type(args))
    try:
        Falling()
    finally:
        sys.unraisablehook = hook
    return seen[0]  # type: ignore[no-any-return]


_UnraisableArguments: Final = _unraisable_arguments()


def _report(function: object, error: BaseException, traceback: Any) -> None:
    """What the interpreter does about an exception in such a thread, without our frame."""
    message = "Exception ignored in thread started by"
    named: object = function
    if _NAMED_IN_MESSAGE:
        message, named = f"{message} {function!r}", None
    error.__traceback__ = traceback
    sys.unraisablehook(_UnraisableArguments((type(error), error, traceback, message, named)))


_raw_start: Final = _thread.start_new_thread
_Any: Final[Any] = _thread


def _recorded_start(raw: Callable[..., Any]) -> Callable[..., Any]:
    """The function of _thread that starts a thread, recorded."""

    def start(function: Any = None, *args: Any, **kwargs: Any) -> Any:
        if not _core.record.recording() or not callable(function):
            given = () if function is None else (function,)
            return raw(*given, *args, **kwargs)
        thread = _RawThread(function)
        try:
            result = raw(thread, *args, **kwargs)
        except BaseException:
            _core.record.forget_thread(thread.known.id)
            _core.record.emit(Op.START, thread.known.number, Outcome.RAISED)
            raise
        _core.record.await_entry(thread.known.id)
        return _core.record.known_ident(result) if type(result) is int else result

    name: str = raw.__name__
    return _core.interpreter.untraced_function(name, start)


start_new_thread: Final = _recorded_start(_thread.start_new_thread)

_STARTER: Final = by_version({"3.11": "_start_new_thread", "3.13": "_start_joinable_thread"})
_START: Final = f"{_STARTER}(self._bootstrap"
# What join() ends with, once it has checked its arguments.
_JOIN: Final = by_version(
    {
        "3.11": "if timeout is None:",
        "3.13": "self._handle.join(",
        "3.14": "self._os_thread_handle.join(",
    }
)
# Whether a join that is interrupted leaves a thread that counts as ended.
_JOIN_MAY_END_IT: Final = by_version({"3.11": True, "3.13": False})
# Whether what is told of an exception in a thread of _thread's names the function in the message.
_NAMED_IN_MESSAGE: Final = by_version({"3.11": False, "3.13": True})

_WAITED_FOR: Final = only_controlled(before("_thread_shutdown()", _await_all, ""))

PATCHES: Final[Table] = [
    edited(
        threading.Thread.start,
        only_controlled(at_start(_about_to_start)),
        before(_START, _starting),
        guarded(_START, _not_started),
        only_controlled(after(_START, _started)),
    ),
    edited(
        threading.Thread._bootstrap_inner,  # type: ignore[attr-defined]
        at_start(_entered),
        before("self._invoke_excepthook(self)", _raised),
        before("self._delete()", _left),
    ),
    edited(
        threading.Thread.join,
        gated(Op.JOIN),
        before(_JOIN, _joining, "self, timeout", into="_waited"),
        after(_JOIN, _joined, "self, timeout"),
        guarded(_JOIN, _join_failed, "self, _waited"),
        only_controlled(before(_JOIN, _await_end, "self, timeout", into="timeout")),
    ),
    edited(threading.Thread.name.fset, after("self._name = str(name)", _renamed)),  # type: ignore[attr-defined]
    edited(threading.Timer.cancel, gated(Op.CANCEL), before("self.finished.set()", _cancelled)),
    edited(
        threading.Timer.run,
        before("self.finished.wait(", _timer_waits),
        after("self.finished.wait(", _timer_waited),
        only_controlled(heading("if not self.finished.is_set():", _fires, "self, value")),
        before("self.function(", _fired),
    ),
    (_thread, "start_new_thread", start_new_thread),
    (_thread, "start_new", start_new_thread),
    *since(
        "3.13",
        lambda: [(_thread, "start_joinable_thread", _recorded_start(_Any.start_joinable_thread))],
    ),
    # After what executors do at the end.
    *since("3.13", lambda: [edited(threading._shutdown, _WAITED_FOR)]),  # type: ignore[attr-defined]
]
