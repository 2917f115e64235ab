"""Children of multiprocessing's fork server: the server tells how they ended."""

from __future__ import annotations

from multiprocessing import forkserver
from multiprocessing.popen_forkserver import Popen
from typing import Any, Final

from .. import _core
from ..runs.internal import FOLDER
from .edits import Table, after, at_start, edited

# What each of its children would import for itself, to be recorded.
_AHEAD: Final = f"""
import sys
sys.path.append({FOLDER!r})
try:
    import racetrace.tracer.recording.spawned, racetrace.tracer.instrument.importhook
except ImportError:
    pass
sys.path.remove({FOLDER!r})
"""


def _ended(popen: Any) -> None:
    if _core.record.recording():
        _core.record.child_ended(popen.pid, popen.returncode)


def _starting(server: Any) -> None:
    # The server is not recorded and rewrites nothing. What the program has it import ahead, each
    # child imports for itself.
    if _core.record.recording():
        server._preload_modules = []


def _started_with(arguments: list[str]) -> None:
    if _core.record.recording():
        arguments[-1] = f"exec({_AHEAD!r}); {arguments[-1]}"


PATCHES: Final[Table] = [
    edited(Popen.poll, after("self.returncode = forkserver.read_signed(", _ended)),
    edited(
        forkserver.ForkServer.ensure_running,
        at_start(_starting),
        after("args += ['-c', cmd]", _started_with, "args"),
    ),
]
