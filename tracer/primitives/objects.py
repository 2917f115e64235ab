"""What the recorder keeps about one primitive of the program, and which primitives it records.

A primitive keeps the state as an attribute of its own, so it lives as long as the primitive and
needs no hash or comparison of the program's. Primitives that the standard library makes for itself
(the mutex of a Queue, the Event in a Thread) are internal: nothing is recorded about them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, TypeVar

from .. import _core

KEY: Final = "_racetrace"
INTERNAL: Final = "internal"
_GIVEN: Final = "_racetrace_given"


_OURS: Final = __name__.rpartition(".")[0]


def module_of(frame: FrameType | None) -> object:
    """The name of the module whose code the frame runs."""
    return "" if frame is None else frame.f_globals.get("__name__", "")


def caller() -> FrameType | None:
    """Who called the function of the standard library whose hook asks; None if that was C code at
    the bottom of the stack."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(module_of(frame)).startswith(_OURS):
        frame = frame.f_back
    return None if frame is None else frame.f_back


def is_internal(frame: FrameType | None) -> bool:
    """Whether the frame's code belongs to the standard library's internals, whose locks order
    nothing that a program may rely on."""
    name = module_of(frame)
    return isinstance(name, str) and _core.primitives.is_internal_module(name)


def called_internally() -> bool:
    """Whether `caller` is of the standard library's internals."""
    return is_internal(caller())


_last_told = threading.local()


def is_news(*answer: object) -> bool:
    """Whether the last answer that this thread got was another one: polling is one event, not
    millions."""
    told = (_core.primitives.session(), *answer)
    if getattr(_last_told, "told", None) == told:
        return False
    _last_told.told = told
    return True


class State(_core.primitives.State):
    """The recorder's knowledge of one primitive in one session."""

    __slots__ = ()

    def __init__(self, owner: Any) -> None:
        self.number = _core.primitives.kept(owner, _GIVEN) or _core.record.new_object(
            type(owner).__name__
        )
        _core.record.bind_object(owner, self.number)


S = TypeVar("S", bound=State)

STATES: Final[dict[type, type[State]]] = {}
"""What is kept about an instance of a class of the standard library."""


def give(owner: Any, number: int) -> None:
    """Make a primitive that the standard library has made one of the program's: the object with
    this number."""
    _core.primitives.keep(owner, KEY, None)
    _core.primitives.keep(owner, _GIVEN, number)
    state(owner, next((STATES[kind] for kind in type(owner).__mro__ if kind in STATES), State))
    _core.primitives.keep(owner, _GIVEN, None)


class Shared(State):
    """The recorder's knowledge, in one process, of a primitive that several share."""

    __slots__ = ("key",)

    def __init__(self, owner: Any, key: str = "") -> None:
        if key:
            self.number = _core.record.shared_object(key)
            self.key = key
            _core.record.bind_object(owner, self.number)
        else:
            super().__init__(owner)
            self.key = _core.record.share_object(self.number)

    def state(self) -> tuple[str, ...]:
        """What goes into the pickled primitive: the constructor's arguments after `owner`."""
        return (self.key,)

    def __reduce__(self) -> tuple[type[tuple[str, ...]], tuple[tuple[str, ...]]]:
        return tuple, (self.state(),)


H = TypeVar("H", bound=Shared)


def shared(owner: Any, kind: type[H]) -> H | None:
    """What is known of a primitive that processes share; None if it is not the program's, or
    nothing is recorded."""
    if not _core.record.recording():
        return None
    known = _core.primitives.kept(owner, KEY)
    if known is None or known is INTERNAL:
        return None
    if type(known) is tuple:  # as it was unpickled
        known = _core.primitives.keep(owner, KEY, kind(owner, *known))
    elif known.session != _core.primitives.session():
        known = _core.primitives.keep(owner, KEY, kind(owner))
    return known  # type: ignore[no-any-return]


def of_programs(hook: Callable[..., object]) -> _core.interpreter.untraced:
    """The hook, which is not called for internal primitives, of which there may be many calls: then
    its last argument is its result."""
    return _core.interpreter.untraced(hook, "of internal")


def by_programs(hook: Callable[..., object]) -> _core.interpreter.untraced:
    """The hook, which is not called where the standard library's internals call the function,
    unless under control: then its last argument is its result."""
    return _core.interpreter.untraced(hook, "by internal")


def made_by_program(*passed: str) -> bool:
    """Whether `caller`, which asked multiprocessing for something, is the program. Frames of the
    modules `passed` stand for their callers."""
    frame = caller()
    while frame is not None and frame.f_back and module_of(frame) in passed:
        frame = frame.f_back
    return not is_internal(frame)


def adopting(hook: Callable[..., object]) -> _core.interpreter.untraced:
    """The hook, at the end of a constructor, which is not called for the primitives that the
    standard library makes for itself: they are internal from then on."""
    return _core.interpreter.untraced(hook, "made by internal")


def made_seen(hook: Callable[..., object]) -> _core.interpreter.untraced:
    """The hook, at the end of a constructor, which is not called for what a thread that is alone
    makes at the same line again and again (see `record/alone.rs`): its state is made at need."""
    return _core.interpreter.untraced(hook, "made alone")


def seen(hook: Callable[..., object]) -> _core.interpreter.untraced:
    """The hook, which is not called where a thread that is alone does something to a primitive
    that has no state: nobody else can know of it yet."""
    return _core.interpreter.untraced(hook, "alone")


def if_so(hook: Callable[..., object]) -> _core.interpreter.untraced:
    """The hook of an answer, its last argument, which is not called for a no: that is its result
    then."""
    return _core.interpreter.untraced(hook, "negative")


def state(owner: Any, kind: type[S]) -> S | None:
    """The state of the primitive, made at need; None if it is internal or nothing is recorded."""
    if not _core.record.recording():
        return None
    known = _core.primitives.kept(owner, KEY)
    if known is None or (known is not INTERNAL and known.session != _core.primitives.session()):
        fresh = kind(owner)
        if known is None:
            known = _core.primitives.keep_first(
                owner, KEY, fresh
            )  # another thread may have been faster
        else:
            known = _core.primitives.keep(owner, KEY, fresh)
    return None if known is INTERNAL else known
