"""What multiprocessing does to a child: signals sent."""

from __future__ import annotations

from multiprocessing.popen_fork import Popen
from typing import Any, Final

from .. import _core
from ..ops import Op
from . import objects
from .edits import Table, at_start, before, edited, only_controlled


def _signalled(popen: Any, number: int) -> None:
    if (
        _core.record.recording()
        and (child := _core.primitives.kept(popen, objects.KEY)) is not None
    ):
        _core.record.emit(Op.TERMINATE, child.number, value=int(number))


def _signalling(popen: Any, number: int) -> None:
    """In a replay a signal is sent if the recording sent one, which may have known more or less of
    how the process stands."""
    child = _core.primitives.kept(popen, objects.KEY)
    if child is None or not _core.replay.replaying():
        return
    if not _core.replay.to_come(Op.TERMINATE, child.number):
        popen.wait()
    elif popen.returncode is not None:
        _signalled(popen, number)


PATCHES: Final[Table] = [
    edited(
        Popen._send_signal,  # type: ignore[attr-defined]
        before("os.kill(self.pid", _signalled, "self, sig"),
        only_controlled(at_start(_signalling, "self, sig")),
    ),
]
