"""Which task of asyncio a thread runs: the events of its steps.

Tasks take turns at their awaits. What they do to each other there is not looked for, but whether
they share anything is told by which of them made which events.
"""

from __future__ import annotations

import itertools
import sys
from asyncio.events import Handle
from types import CoroutineType
from typing import Any, Final

from .. import _core
from ..ops import GapKind
from .edits import Table, after, before, edited

_NUMBER: Final = "_racetrace_task"
_numbers: Final = itertools.count(1)


def _task(handle: Any) -> Any:
    """The task of which the handle runs a step; None if it calls something else."""
    tasks = sys.modules.get("asyncio.tasks")
    callback = handle._callback
    # Nothing of the program's is asked for anything.
    if tasks is None or type(callback).__module__ not in ("builtins", "_asyncio"):
        return None
    task = getattr(callback, "__self__", None)
    of_tasks = issubclass(type(task), (tasks.Task, tasks._PyTask))
    return task if of_tasks else None


def _beginning(_: Any) -> int:
    return _core.record.begin_turn()


def _ended(handle: Any, since: int) -> None:
    if not _core.record.end_turn(since):
        return
    task = _task(handle)
    if task is None:
        return
    number = _core.primitives.kept(task, _NUMBER)
    if number is None:
        number = _core.primitives.keep(task, _NUMBER, next(_numbers))
    coroutine = task.get_coro()
    name = coroutine.__qualname__ if type(coroutine) is CoroutineType else type(coroutine).__name__
    _core.record.took_turn(GapKind.TASK, number, name, since)


PATCHES: Final[Table] = [
    edited(
        Handle._run,
        before("self._context.run(", _beginning, into="_since"),
        after("self._context.run(", _ended, "self, _since"),
    )
]
