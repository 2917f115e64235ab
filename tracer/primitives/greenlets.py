"""Which greenlet a thread runs: what is recorded between two switches.

Races between greenlets are not looked for, but whether they share anything is told by which of them
made which events. Where gevent or eventlet makes greenlets of what would be threads, see `threads`.
"""

from __future__ import annotations

import importlib
import itertools
from typing import Any, Final

from .. import _core
from ..ops import GapKind
from . import threads
from .edits import Table

greenlet: Any = importlib.import_module("greenlet")  # which few have installed

_NUMBER: Final = "_racetrace_greenlet"
_numbers: Final = itertools.count(1)
_since: Final[dict[int, int]] = {}
"""By thread: the event after which the greenlet that runs was switched to."""


def _switched(_: str, pair: tuple[Any, Any]) -> None:
    if not (thread := _core.record.current_thread()):
        return
    origin = pair[0]
    number = _core.primitives.kept(origin, _NUMBER)
    if number is None:
        number = _core.primitives.keep(origin, _NUMBER, next(_numbers))
    _core.record.took_turn(GapKind.GREENLET, number, "greenlet", _since.get(thread, 0))
    _since[thread] = _core.record.last_event()


_trace: Final = _core.interpreter.untraced_function("switched", _switched)


def _watch() -> None:
    """Look at the calling thread's switches, if the program does not."""
    if greenlet.gettrace() is None:
        greenlet.settrace(_trace)


class _Watching:
    """Its attribute `on` says whether switches are looked at, now and in threads that begin."""

    @property
    def on(self) -> bool:
        return _watch in threads.entering

    @on.setter
    def on(self, on: bool) -> None:
        _since.clear()
        if on:
            _core.record.take_turns()
            threads.entering.append(_watch)
            _watch()
        else:
            threads.entering.remove(_watch)
            if greenlet.gettrace() is _trace:
                greenlet.settrace(None)


PATCHES: Final[Table] = [(_Watching(), "on", True)]
