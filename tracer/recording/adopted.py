"""Threads that are older than a recording which the program itself begins.

They are recorded from their next event on, if their begin was seen: else neither their end would be
in the trace, nor what they wait for just now. Those of installed packages are left alone.
"""

from __future__ import annotations

import sys
import threading
from types import CodeType, FrameType

from .. import _core
from ..instrument.owncode import is_third_party
from ..ops import GapKind
from ..primitives import threads


def adopt() -> list[int]:
    """Record the threads that run already from now on; the idents of those that are."""
    stacks = sys._current_frames()
    begin = threading.Thread._bootstrap_inner.__code__  # type: ignore[attr-defined]
    adopted = []
    for thread in threading.enumerate():
        frame = stacks.get(thread.ident or 0)
        if thread is threading.current_thread() or frame is None or _is_foreign(thread):
            continue
        if thread is threading.main_thread() or _runs(frame, begin):
            adopted.append(thread)
    for thread, number in zip(adopted, threads.adopt(adopted), strict=True):
        _core.record.gap(GapKind.ADOPTED, thread.name, number)
    return [thread.ident or 0 for thread in adopted]


def _is_foreign(thread: threading.Thread) -> bool:
    """Whether it is a package's own thread, or one that was not made by threading."""
    target = getattr(thread, "_target", None) or type(thread).run
    code = getattr(getattr(target, "__func__", target), "__code__", None)
    dummy = isinstance(thread, threading._DummyThread)
    return dummy or (code is not None and is_third_party(code.co_filename))


def _runs(frame: FrameType | None, code: CodeType) -> bool:
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None
