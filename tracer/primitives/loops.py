"""asyncio's event loops: in which places of its turns a loop runs what other threads gave it.

A STEP is recorded where a thread gives a callback (`call_soon_threadsafe`), and two where the loop
runs it: the place among the callbacks of this turn, and one that is linked to the giving. What the
loop's own thread adds is in the order of that thread. In a replay what others give lies beside the
loop's own callbacks until its place comes. What wakes the loop (its own end of a pair of sockets)
has no place: how many wake-ups make one is chance.
"""

from __future__ import annotations

from _thread import get_ident
from asyncio.base_events import BaseEventLoop
from asyncio.events import Handle
from collections.abc import Iterable, Iterator
from types import MethodType
from typing import Any, Final

from .. import _core
from ..versions import by_version
from .edits import Table, after, before, edited, heading, only_controlled, replaced
from .steps import Steps

_GIVEN: Final = Steps("callback given")
_WOKEN: Final = Steps("loop woken")
_PLACE: Final = Steps("place in turn")
_RUN: Final = Steps("callback run")
_KEY: Final = "_racetrace_given"
_MANY: Final = 64
_FOREVER: Final = 24 * 3600.0
_Loop: Final[Any] = BaseEventLoop


class _Given:
    """What is known of a loop: which callback of its turn, counted from 1, comes next, and which of
    those to come were given by other threads, by the number of the STEP."""

    __slots__ = ("handles", "place", "session")

    def __init__(self) -> None:
        self.session = _core.primitives.session()
        self.place = 1
        # By identity; they are kept alive, so that no other gets that.
        self.handles: dict[int, tuple[int, Handle]] = {}

    def forget_cancelled(self) -> None:
        left = [entry for entry in self.handles.values() if not entry[1]._cancelled]
        self.handles = {id(handle): (step, handle) for step, handle in left}


def _given(loop: Any) -> _Given | None:
    if not _core.record.recording():
        return None
    known: _Given | None = _core.primitives.kept(loop, _KEY)
    if known is None:
        known = _core.primitives.keep_first(loop, _KEY, _Given())
    elif known.session != _core.primitives.session():
        known = _core.primitives.keep(loop, _KEY, _Given())
    return known


def _call_soon(loop: Any, callback: Any, arguments: tuple[Any, ...], context: Any) -> Handle:
    """`loop._call_soon`, by any thread."""
    if loop._debug or not _gives(loop):
        handle: Handle = loop._call_soon(callback, arguments, context)
    else:
        handle = Handle(callback, arguments, loop, context)
        _append(loop, handle)
    return handle


def _gives(loop: Any) -> bool:
    """Whether what the calling thread adds is a callback that another thread gives."""
    return _given(loop) is not None and loop._thread_id != get_ident()


def _append(loop: Any, handle: Handle) -> None:
    """`loop._ready.append`, by any thread."""
    if _gives(loop) and (known := _given(loop)):
        step = _GIVEN.make()
        known.handles[id(handle)] = step, handle
        if _core.replay.replaying():
            return
    loop._ready.append(handle)


def _has_callbacks(loop: Any, found: Any) -> Any:
    """Whether there is something to run, so that the loop does not wait. An event, where that is so
    only by what other threads gave."""
    known = _given(loop)
    if known is None or loop._stopping:
        return found
    if _core.replay.replaying():
        given = not found and _WOKEN.comes()
    else:
        given = bool(found) and all(id(handle) in known.handles for handle in loop._ready)
    if given:
        _WOKEN.make()
    return found or given


def _patience(loop: Any, timeout: float | None) -> float | None:
    """How long the loop waits: in a replay not forever where only other threads can wake it. One
    wake-up may stand for several there."""
    if timeout is None and _core.replay.replaying() and len(loop._selector.get_map()) == 1:
        return _FOREVER
    return timeout


def _turn(loop: Any) -> None:
    """The loop is about to run what is there."""
    if known := _given(loop):
        known.place = 1
        if len(known.handles) > _MANY:
            known.forget_cancelled()


def _is_wakeup(loop: Any, handle: Any) -> bool:
    callback = handle._callback
    return type(callback) is MethodType and callback.__func__ is getattr(
        type(loop), "_read_from_self", None
    )


def _running(loop: Any, handle: Any) -> None:
    known = _given(loop)
    if known is None or _is_wakeup(loop, handle):
        return
    step, _ = known.handles.pop(id(handle), (0, None))
    if step:
        if not _core.replay.replaying():
            _PLACE.make(known.place)
        _RUN.make(link=step)
    known.place += 1


def _callbacks(loop: Any, places: Iterable[int]) -> Iterable[int]:
    known = _given(loop)
    return places if known is None or not _core.replay.replaying() else _again(loop, known)


def _again(loop: Any, known: _Given) -> Iterator[int]:
    """A round for each callback of the loop's turn, which is put first when its place comes."""
    own = len(loop._ready)
    while True:
        handle = _comes_here(known)
        if handle is not None:
            loop._ready.appendleft(handle)
        elif own:
            own -= 1
        else:
            return
        yield known.place


def _comes_here(known: _Given) -> Handle | None:
    """What another thread gave, if a replay runs that next."""
    if _PLACE.count_to_come() != known.place:
        return None
    _PLACE.make(known.place)
    _RUN.gate()
    step = _core.replay.expected_link()
    return next((handle for number, handle in known.handles.values() if number == step), None)


_GIVE: Final = by_version(
    {
        "3.11": replaced(
            "self._call_soon(callback, args, context)", _call_soon, "self, callback, args, context"
        ),
        "3.14": replaced("self._ready.append(handle)", _append, "self, handle"),
    }
)

PATCHES: Final[Table] = [
    edited(_Loop.call_soon_threadsafe, _GIVE),
    edited(
        _Loop._run_once,
        heading("if self._ready or self._stopping:", _has_callbacks, "self, value"),
        only_controlled(
            before(
                "event_list = self._selector.select(", _patience, "self, timeout", into="timeout"
            )
        ),
        after("ntodo = len(self._ready)", _turn),
        only_controlled(heading("for i in range(ntodo):", _callbacks, "self, value")),
        before("if self._debug:", _running, "self, handle"),
    ),
]
