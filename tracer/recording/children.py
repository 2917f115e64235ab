"""The processes that a recorded process makes, and how they come to be recorded.

A child is numbered in the parent, by the thread that makes it: its path, and the object that stands
for it. How the rest reaches the child depends on the start method. A forked child has it in its
memory. A child that multiprocessing spawns gets it in the *preparation data*, the dictionary that
it unpickles before anything of the program's: unpickling our entry there starts the recording.
"""

from __future__ import annotations

import _thread
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tracer import _core
from tracer.ops import Op, Outcome
from tracer.runs.internal import FOLDER

if TYPE_CHECKING:
    from tracer.recording.session import Session

# In a child that cannot be recorded (another Python) the program runs on, unrecorded.
_ENTER: Final = """
import sys
sys.path.append(folder)
try:
    from tracer.recording.spawned import enter
except ImportError:
    pass
else:
    enter(**options)
finally:
    if folder in sys.path:
        sys.path.remove(folder)
"""


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
    path, number = _core.new_process(name, kind)
    key = _core.share_object(number)
    if worker:
        _core.emit(Op.START, number, value=worker)
    else:
        _core.emit(Op.START, number)
    child = Child(path, number, key, name or path, daemon, _core.bear_process(path))
    _pending.child, _pending.told = child, False
    return child


def finish(pid: int | None) -> None:
    """The process that the calling thread was making has been made; None: not one that can be under
    control."""
    _pending.child = None
    _core.process_made(pid)


def is_told() -> bool:
    """Whether the process that the calling thread has made last got its `entry`."""
    return _pending.told


def failed(child: Child) -> None:
    """The process could not be made."""
    _pending.child = None
    _core.process_made(None)
    _core.emit(Op.START, child.number, Outcome.RAISED)


class Entry:
    """What starts the recording in the process that unpickles it."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return exec, (_ENTER, {"folder": FOLDER, "options": self._options})


def entry(session: Session, method: str, main_path: str | None) -> Entry | None:
    """What goes into the preparation data of the child that this thread is making."""
    child = _pending.child
    if child is None or not _core.goes_on():
        return None
    _pending.told = True
    return Entry(
        {
            "spool": session.spool,
            "memory": session.memory,
            "roots": session.roots,
            "include": session.include,
            "follow": session.follow,
            "path": child.path,
            "key": child.key,
            "name": child.name,
            "daemon": child.daemon,
            "method": method,
            "main_path": main_path,
            "control": str(session.control or ""),
            "slot": child.slot,
            "hash_seed": session.hash_seed,
        }
    )


_session: Session | None = None
_hooked = False


def follow(session: Session | None) -> None:
    """From now on the children of this process are recorded as `session` is; None ends it."""
    global _session, _hooked
    _session = session
    if session is not None and not _hooked:
        _hooked = True
        os.register_at_fork(
            before=_core.uninterrupted(_before_fork),
            after_in_parent=_core.uninterrupted(_after_fork_in_parent),
            after_in_child=_core.uninterrupted(_after_fork),
        )


def current() -> Session | None:
    """The session of this process, if it is recorded and so are the processes that it makes."""
    return _session if _core.goes_on() else None


_forking: Final = _Pending()


def _before_fork() -> None:
    if current() is not None and not _core.forks_for_program():
        _forking.child = _pending.child or begin("", "Process")
        _pending.told = True
        _core.forking_process()


def _after_fork_in_parent() -> None:
    if _forking.child is not None:
        _core.forking(_forking.child.number)
        _core.process_made(0)
        _forking.child = _pending.child = None


def _after_fork() -> None:
    child = _forking.child
    _forking.child = _pending.child = None
    if _session is not None and child is not None:
        _session.after_fork(child)


def claim_index(spool: str, first: int) -> int:
    """An index that no process of the run has, from `first` on: making its file claims it.

    Raises OSError if the spool has gone or is full.
    """
    index = first
    while True:
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            os.close(os.open(f"{spool}/p{index}.defs", flags, 0o600))
        except FileExistsError:
            index += 1
            continue
        return index


def say_unrecorded(why: object) -> None:
    """Tell the user of a process that is not in the trace."""
    print(f"trace: process {os.getpid()} is not recorded: {why}", file=sys.stderr)
