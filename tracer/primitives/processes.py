"""multiprocessing.Process, under every start method.

The parent records START just before the process is made, and the child BEGIN before anything of the
program's runs there; one object stands for the process in all of them. END is recorded when `run`
has returned and the process only waits for its other threads: one that is killed has none. How
other threads know that it is gone (JOIN, OBSERVE) is recorded where they learn it.
"""

from __future__ import annotations

import sys
from multiprocessing import process
from multiprocessing.process import BaseProcess
from typing import Any, Final

from .. import _core
from ..ops import GapKind, Op, Outcome
from . import children, objects, polls
from .edits import (
    Table,
    after,
    at_start,
    before,
    edited,
    guarded,
    heading,
    only_controlled,
    results,
)
from .gates import is_joined_next
from .shown import shown
from .workers import worker_of


class _Process:
    """The recorder's knowledge of one process that this one has made in this session."""

    __slots__ = ("child", "gone", "session")

    def __init__(self, owner: Any, worker: str | None) -> None:
        self.session = _core.primitives.session()
        self.gone = False  # whether this process has been told of its end
        kind = type(owner).__name__
        self.child = children.begin(owner.name, kind, daemon=owner.daemon, worker=worker)

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()  # the Process object travels to the child, this does not


def known(owner: Any) -> children.Child | None:
    """What is known of a process; None if it was not started under this recording."""
    if not _core.record.recording():
        return None
    found = _core.primitives.kept(owner, objects.KEY)
    return (
        found.child if found is not None and found.session == _core.primitives.session() else None
    )


def _starting(owner: Any) -> None:
    if _core.record.recording():
        found = _core.primitives.keep(
            owner, objects.KEY, _Process(owner, worker_of(objects.caller()))
        )
        _core.record.bind_object(owner, found.child.number)


def _started(owner: Any) -> None:
    children.finish(owner.pid)
    owner._popen.pid = _core.record.known_pid(owner._popen.pid)
    if child := known(owner):
        _core.primitives.keep(owner._popen, objects.KEY, child)
        if owner._popen.method != "fork":  # which tells itself
            _core.record.child_made(owner.pid, child.number, owner._popen.method)
            if not children.is_told():
                _core.record.gap(GapKind.PROCESS, f"{type(owner).__name__} of {_package(owner)}")


def _package(owner: Any) -> str:
    return type(owner).__module__.partition(".")[0]


def _not_started(owner: Any) -> None:
    if child := known(owner):
        _core.primitives.keep(owner, objects.KEY, None)
        children.failed(child)


def _joining(owner: Any, timeout: float | None) -> bool:
    """Whether the join has to wait."""
    child = known(owner)
    if child is None:
        return False
    _core.control.gate(Op.JOIN, child.number)
    waits = _core.control.has_to_wait(Op.JOIN, child.number)
    # A look that finds that the process has ended is the last one.
    if waits is False or (waits is None and owner._popen.poll() is not None):
        return False
    bounded = Outcome.OK if timeout is None else Outcome.BOUNDED
    _core.record.emit(Op.REQUEST, child.number, bounded, "join")
    return True


def _patience(owner: Any, timeout: float | None) -> float | None:
    """How long the join waits: in a replay until the process has ended, if it had."""
    child = known(owner)
    if child is None or timeout is None or not _core.replay.replaying():
        return timeout
    _core.control.gate(Op.JOIN, child.number)
    return None if _core.replay.expected_outcome(Op.JOIN) == Outcome.OK else timeout


def _joined(owner: Any, status: int | None) -> None:
    if child := known(owner):
        if status is None:
            _core.record.emit(Op.JOIN, child.number, Outcome.TIMED_OUT)
        else:
            _core.primitives.kept(owner, objects.KEY).gone = True
            _core.record.emit(Op.JOIN, child.number, value=status)


def _join_failed(owner: Any, waited: bool) -> None:
    child = known(owner)
    if child and waited:
        interrupted = isinstance(sys.exception(), KeyboardInterrupt)
        outcome = Outcome.INTERRUPTED if interrupted else Outcome.RAISED
        _core.record.emit(Op.JOIN, child.number, outcome)


def _looking(owner: Any) -> None:
    if owner._popen is not None and not objects.called_internally() and (child := known(owner)):
        _core.control.gate(Op.OBSERVE, child.number)


def _told(owner: Any, child: children.Child, alive: bool) -> bool:
    """Record whether the process is alive, if that is news. In a replay the answer is that of the
    recording, where it may have been in its last steps."""
    of = _core.primitives.kept(owner, objects.KEY)
    if _core.replay.replaying():
        alive = not of.gone
    alive = polls.told(Op.OBSERVE, child.number, alive)
    of.gone = not alive
    return alive


@objects.by_programs
def _observed(owner: Any, alive: bool) -> bool:
    child = known(owner)
    if child is None:
        return alive
    if not objects.called_internally():
        alive = _told(owner, child, alive)
    elif _core.replay.replaying():
        # An executor looks after its workers, and tells those that are alive to end; a pool waits
        # for them.
        of_executor = objects.module_of(objects.caller()) == "concurrent.futures.process"
        gone = _core.primitives.kept(owner, objects.KEY).gone
        alive = not gone if of_executor else is_joined_next(child.number)
    if _core.replay.replaying():
        if alive:
            process._children.add(owner)  # type: ignore[attr-defined]
        else:
            owner._popen.wait()
            process._children.discard(owner)  # type: ignore[attr-defined]
    return alive


@objects.by_programs
def _asked(owner: Any, status: int | None) -> int | None:
    child = known(owner) if owner._popen is not None else None
    if child is None:
        return status
    if not objects.called_internally():
        alive = _told(owner, child, status is None)
    elif _core.replay.replaying():
        alive = not is_joined_next(child.number)  # a pool waits for those that have ended
    else:
        return status
    return None if alive else owner._popen.wait()


def _in_order(listed: list[BaseProcess]) -> list[BaseProcess]:
    # A set has them in the order of their addresses, in which no other run would look at them.
    listed.sort(key=lambda process: process._identity)
    return listed


def _cleaned_up(owner: Any, ended: bool) -> bool:
    """multiprocessing has looked whether the process has ended, and forgets it if so."""
    child = known(owner)
    if child is None:
        return ended
    if ended or _core.replay.replaying():
        polls.tell_count()
    if _core.replay.replaying():
        ended = _core.replay.to_come(Op.STEP, child.number)
        if ended:
            _core.control.gate(Op.STEP, child.number)
            owner._popen.wait()
    if ended:
        _core.primitives.kept(owner, objects.KEY).gone = True
        _core.record.emit(Op.STEP, child.number, value=owner._popen.returncode)
    return ended


def _listed(listed: list[BaseProcess]) -> list[BaseProcess]:
    _in_order(listed)
    internal = objects.called_internally()
    if _core.record.recording() and not internal:
        polls.told(Op.OBSERVE, 0, len(listed))
    return listed


# The type and the place of the exception that ended this process's `run`.
_failure: tuple[str, int] | None = None


def _raised() -> None:
    global _failure
    _failure = _core.record.failure(sys.exception())


def _ended() -> None:
    if _core.record.recording():
        own = _core.record.thread_object(_core.record.current_thread())
        _core.control.gate(Op.END, own)
        if _failure is None:
            _core.record.emit(Op.END, own)
        else:
            _core.record.emit_failed(own, *_failure)


_START: Final = "self._popen = self._Popen(self)"
_WAIT: Final = "res = self._popen.wait("

PATCHES: Final[Table] = [
    *shown(BaseProcess),
    edited(
        BaseProcess.start,
        before(_START, _starting),
        after(_START, _started),
        guarded(_START, _not_started),
    ),
    edited(
        BaseProcess.join,
        before(_WAIT, _joining, "self, timeout", into="_waited"),
        only_controlled(before(_WAIT, _patience, "self, timeout", into="timeout")),
        after(_WAIT, _joined, "self, res"),
        guarded(_WAIT, _join_failed, "self, _waited"),
    ),
    edited(BaseProcess.is_alive, results(_observed), only_controlled(at_start(_looking))),
    edited(
        BaseProcess.exitcode.fget,  # type: ignore[attr-defined]
        results(_asked),
        only_controlled(at_start(_looking)),
    ),
    edited(
        BaseProcess._bootstrap,  # type: ignore[attr-defined]
        before("sys.stderr.write('Process %s:", _raised, ""),
        before("threading._shutdown()", _ended, ""),
    ),
    edited(process.active_children, results(_listed, "result")),
    edited(
        process._cleanup,  # type: ignore[attr-defined]
        heading("for p in list(_children):", _in_order, "value"),
        heading("if (child_popen := p._popen)", _cleaned_up, "p, value"),
    ),
]
