"""Children of multiprocessing's fork server: the server tells how they ended."""

from __future__ import annotations

from multiprocessing import forkserver
from multiprocessing.popen_forkserver import Popen
from typing import Any, Final

from .. import _core
from .edits import Table, after, at_start, edited


def _ended(popen: Any) -> None:
    if _core.record.recording():
        _core.record.child_ended(popen.pid, popen.returncode)


def _starting(server: Any) -> None:
    # The server is not recorded and rewrites nothing. What it imports ahead, each child imports
    # for itself.
    if _core.record.recording():
        server._preload_modules = []


PATCHES: Final[Table] = [
    edited(Popen.poll, after("self.returncode = forkserver.read_signed(", _ended)),
    edited(forkserver.ForkServer.ensure_running, at_start(_starting)),
]
