"""Scheduling points of the primitives: under control other threads may go before each operation.

They are put in only in a process under control: a recorded program pays nothing for them. Locks
and `time.sleep` have theirs in the core.
"""

from __future__ import annotations

from typing import Any

from .. import _core
from ..ops import Op
from . import objects
from .edits import Edit, Hook, at_start, only_controlled


def pass_gate(owner: Any, op: Op) -> None:
    """Let others go before the operation on the program's primitive."""
    known = _core.primitives.kept(owner, objects.KEY)
    if known is not objects.INTERNAL:
        _core.control.gate(op, getattr(known, "number", 0))


def has_to_wait(op: Op, number: int, ready: bool) -> bool:
    """Whether the operation on the object with the number, whose gate has been passed, has to wait,
    and a REQUEST comes first: as the gate says, or, if it says nothing, unless it is ready.

    Two processes run beside each other while they are recorded, so what the recording saw may be a
    little before or after what is there when a replay has come to the same event.
    """
    waits = _core.control.has_to_wait(op, number)
    return not ready if waits is None else waits


def is_joined_next(number: int) -> bool:
    """Whether a replay has come to the join of the thread or process with this number."""
    return _core.replay.to_come(Op.REQUEST, number) or _core.replay.to_come(Op.JOIN, number)


def is_to_end() -> bool:
    """Whether the calling thread has but to end in a replay. A pool's threads learn from variables
    and from a None in a queue that it is ended: in a replay too early for what they did, or too
    late."""
    return _core.replay.to_come(Op.END, _core.record.thread_object(_core.record.current_thread()))


def _entry(op: Op) -> Hook:
    def entered(owner: Any) -> None:
        pass_gate(owner, op)

    return entered


def _observing() -> None:
    if not objects.called_internally():
        _core.control.gate(Op.OBSERVE, 0)


def gated(op: Op) -> Edit:
    """A scheduling point where the method is entered."""
    return only_controlled(at_start(_entry(op)))


def gated_observation() -> Edit:
    """A scheduling point where the function of the module `threading` is entered."""
    return only_controlled(at_start(_observing, ""))
