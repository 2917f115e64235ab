"""Threads that are older than the recording: what they do while it goes on is not in the trace."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING

from .. import _core
from ..ops import GapKind

if TYPE_CHECKING:
    from ..instrument.owncode import OwnCode

_NAMELESS = "a thread that threading does not know"


class OlderThreads:
    """The threads that there are, but for the calling one.

    A thread has worked if the program's code came in it to something that is recorded in others, or
    if it was in that code and has used the processor since, or has ended.
    """

    def __init__(self, roots: Sequence[str]) -> None:
        from ..instrument.owncode import OwnCode

        own = OwnCode(roots)
        threads = list(threading.__dict__["_active"].values())
        known = {thread.ident: thread for thread in threads}
        self._names: dict[int, str] = {}
        self._used: dict[int, tuple[int, int]] = {}  # native id and time, of those in own code
        for ident, frame in sys._current_frames().items():
            if ident == threading.get_ident():
                continue
            thread = known.get(ident)
            self._names[ident] = _NAMELESS if thread is None else thread.name
            native = None if thread is None else thread.native_id
            if native is not None and _is_in(own, frame):
                self._used[ident] = native, _used(native)
        _core.record.look_for_older(bool(self._names))

    def leave_out(self, idents: Sequence[int]) -> None:
        """These are recorded."""
        for ident in idents:
            self._names.pop(ident, None)

    def tell(self) -> None:
        """Say in the trace which of them have worked."""
        if not self._names:
            return
        worked = set(_core.record.older_met())
        worked |= {ident for ident, (native, used) in self._used.items() if _used(native) != used}
        for name in sorted(self._names[ident] for ident in worked if ident in self._names):
            _core.record.gap(GapKind.OLDER, name)
        _core.record.look_for_older(False)


def _is_in(own: OwnCode, frame: FrameType | None) -> bool:
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith("<frozen ") and own.has(os.path.realpath(file)):
            return True
        frame = frame.f_back
    return False


def _used(native: int) -> int:
    """The processor time that the thread has used, in ns; 0 if it has ended."""
    try:
        with open(f"/proc/self/task/{native}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
