"""concurrent.futures.ProcessPoolExecutor: each task from its submission to the worker process.

The executor's own thread, queues and locks are internal.
"""

from __future__ import annotations

from concurrent.futures import process
from typing import Any, Final

from tracer import _core
from tracer.ops import Op, Outcome
from tracer.primitives.gates import only_controlled
from tracer.primitives.objects import state
from tracer.primitives.rewriting import Patch, at_start, before, edited
from tracer.primitives.tasks import Task, closed, submitted


def _giving(work_item: Any) -> None:
    """The executor's thread is about to send a task to the workers."""
    if known := state(work_item.future, Task):
        _core.give_note(*known.note())
    else:
        _core.take_note()  # of one that could not be sent


def _taking() -> None:
    # Which worker takes a task is decided here, before the queue's own lock.
    _core.gate(Op.RUN, 0)


def _taken() -> int:
    """A worker has got a task: the number of its object."""
    return _core.take_begun()


def _finished(number: int, value: object) -> None:
    if number:
        _core.emit(Op.FINISH, number, value=value)


def _raised(number: int, error: BaseException) -> None:
    if number:
        _core.emit(Op.FINISH, number, Outcome.RAISED, type(error).__name__)


def _returned(work_item: Any) -> None:
    """The worker's FINISH is the future's."""
    if known := state(work_item.future, Task):
        known.finished = True


_RESULT: Final = "_sendback_result(result_queue, call_item.work_id, "
_Manager, _Executor = process._ExecutorManagerThread, process.ProcessPoolExecutor

PATCHES: Final[list[Patch]] = [
    edited(
        _Executor.submit,
        before("self._pending_work_items[self._queue_count] = w", submitted, "f, fn"),
    ),
    edited(_Executor.shutdown, at_start(closed)),
    edited(_Manager.add_call_item_to_queue, before("self.call_queue.put(", _giving, "work_item")),
    edited(
        _Manager.process_result_item, before("if result_item.exception:", _returned, "work_item")
    ),
    edited(
        process._process_worker,
        only_controlled(before("call_item = call_queue.get(", _taking, "")),
        before("if max_tasks is not None:", _taken, "", into="_number"),
        before(f"{_RESULT}exception", _raised, "_number, e"),
        before(f"{_RESULT}result", _finished, "_number, r"),
    ),
]
