"""The processes that a recorded process makes, and how they come to be recorded.

A child is numbered in the parent, by the thread that makes it: its path, and the object that stands
for it. How the rest reaches the child depends on the start method. A forked child has it in its
memory. A child that multiprocessing spawns gets it in the *preparation data*, the dictionary that
it unpickles before anything of the program's: unpickling our entry there starts the recording
(`tracer.recording.preparation`).
"""

from __future__ import annotations

import _thread
import os
from typing import Final, NamedTuple, Protocol

from .. import _core
from ..ops import Op, Outcome


class Child(NamedTuple):
    """A process that is about to be made: its path, its object by number and by key, and its slot
    in a run under control."""

    path: str
    number: int
    key: str
    name: str
    daemon: bool
    slot: int | None = None


class _Pending(_thread._local):
    """The child that this thread is making."""

    child: Child | None = None
    told: bool = False  # whether it will know that it is to be recorded


_pending: Final = _Pending()


def begin(name: str, kind: str, *, daemon: bool = False, worker: str | None = None) -> Child:
    """The calling thread makes a process now: number it, and record its START, with the value
    `worker` if it is one of a pool."""
    path, number = _core.record.new_process(name, kind)
    key = _core.record.share_object(number)
    if worker:
        _core.record.emit(Op.START, number, value=worker)
    else:
        _core.record.emit(Op.START, number)
    child = Child(path, number, key, name or path, daemon, _core.control.bear_process(path))
    _pending.child, _pending.told = child, False
    return child


def finish(pid: int | None) -> None:
    """The process that the calling thread was making has been made; None: not one that can be under
    control."""
    _pending.child = None
    _core.control.process_made(pid)


def launched() -> None:
    """The process that the calling thread is making knows all that it has to."""
    _pending.child = None


def is_told() -> bool:
    """Whether the process that the calling thread has made last got its `entry`."""
    return _pending.told


def failed(child: Child) -> None:
    """The process could not be made."""
    _pending.child = None
    _core.control.process_made(None)
    _core.record.emit(Op.START, child.number, Outcome.RAISED)


class Recorder(Protocol):
    """What records this process."""

    def entry(self, child: Child, method: str, main_path: str | None) -> object:
        """What is to be unpickled first in the child, which is made by this start method and runs
        that main module."""

    def after_fork(self, child: Child) -> None:
        """Go on in the forked child."""


_recorder: Recorder | None = None
_hooked = False


def record_by(recorder: Recorder | None) -> None:
    """From now on the children of this process are recorded, too; None ends it."""
    global _recorder, _hooked
    _recorder = recorder
    if recorder is not None and not _hooked:
        _hooked = True
        os.register_at_fork(
            before=_core.interpreter.uninterrupted(_before_fork),
            after_in_parent=_core.interpreter.uninterrupted(_after_fork_in_parent),
            after_in_child=_core.interpreter.uninterrupted(_after_fork),
        )


def are_recorded() -> bool:
    """Whether this process is recorded, and so are the processes that it makes."""
    return _recorder is not None and _core.record.goes_on()


def entry(method: str, main_path: str | None) -> object:
    """What goes into the preparation data of the child that this thread is making, see `Recorder`;
    None if it is not to be recorded."""
    child = _pending.child
    if child is None or _recorder is None or not _core.record.goes_on():
        return None
    _pending.told = True
    return _recorder.entry(child, method, main_path)


_forking: Final = _Pending()


def _before_fork() -> None:
    if are_recorded() and not _core.record.forks_for_program():
        _forking.child = _pending.child or begin("", "Process")
        _pending.told = True
        _core.control.forking_process()


def _after_fork_in_parent() -> None:
    if _forking.child is not None:
        _core.record.forking(_forking.child.number)
        _core.control.process_made(0)
        _forking.child = _pending.child = None


def _after_fork() -> None:
    child = _forking.child
    _forking.child = _pending.child = None
    if _recorder is not None and child is not None:
        _recorder.after_fork(child)
