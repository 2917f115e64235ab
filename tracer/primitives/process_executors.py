"""concurrent.futures.ProcessPoolExecutor: each task from its submission to the worker process.

The executor's own thread, queues and locks are internal.
"""

from __future__ import annotations

import queue
from concurrent.futures import Future, process
from typing import Any, Final

from .. import _core
from ..ops import Op, Outcome
from .edits import Table, after, at_start, before, edited, heading, only_controlled
from .objects import state
from .steps import Steps
from .tasks import Task, closed, giving, submitted, taking

_STOPPING: Final = Steps("worker told to end")


def _giving(work_item: Any) -> None:
    """The executor's thread is about to send a task to the workers."""
    giving(state(work_item.future, Task))


def _submitted(future: Future[Any], function: object) -> None:
    if known := submitted(future, function):
        known.elsewhere = True


def _is_full(manager: Any, full: bool) -> bool:
    """Whether the workers have enough to do; in a replay unless they were given another task."""
    if not _core.replay.replaying():
        return full
    work_ids = manager.work_ids_queue.queue
    known = state(manager.pending_work_items[work_ids[0]].future, Task) if work_ids else None
    return known is None or not _core.replay.to_come(Op.STEP, known.number)


def _awaited(manager: Any, readers: list[Any]) -> list[Any]:
    """What the executor's thread waits for: in a replay not for results while a task is next."""
    if not _core.replay.replaying() or _core.replay.name_to_come(Op.STEP) is None:
        return readers
    for item in list(manager.pending_work_items.values()):
        known = state(item.future, Task)
        runs = item.future._state == "RUNNING"  # `running()` is an event
        if known and runs and _core.replay.to_come(Op.STEP, known.number):
            return readers
    # The program is still about to submit it, and wakes this thread up when it has.
    return [manager.thread_wakeup._reader]


def _stops_more(more: bool) -> bool:
    """Whether more workers are told to end; in a replay if more were. Until when some are alive,
    and when the queue has room, is chance."""
    return _STOPPING.comes() if _core.replay.replaying() else more


def _stopping() -> None:
    """A worker is about to be told to end."""
    if not _stops_more(True):
        raise queue.Full
    _STOPPING.gate()


def _stopped() -> None:
    _STOPPING.record()


def _taken() -> int:
    """A worker has got a task: the number of its object."""
    return _core.primitives.take_begun()


def _ending() -> None:
    """A worker is about to say that it ends."""
    _core.primitives.answers_task()


def _finished(number: int, value: object) -> None:
    _core.primitives.answers_task()
    if number:
        _core.record.emit(Op.FINISH, number, value=value)


def _raised(number: int, error: BaseException) -> None:
    _core.primitives.answers_task()
    if number:
        _core.record.emit(Op.FINISH, number, Outcome.RAISED, type(error).__name__)


def _returned(work_item: Any) -> None:
    """The worker's FINISH is the future's."""
    if known := state(work_item.future, Task):
        known.finished = True


def _has_idle(executor: Any, idle: bool) -> bool:
    """Whether a worker is idle, and none is to be made; in a replay if none was."""
    if not _core.replay.replaying():
        return idle
    is_made = _core.replay.name_to_come(Op.START) is not None
    if idle and is_made:
        executor._idle_worker_semaphore.release()
    return not is_made


_RESULT: Final = "_sendback_result(result_queue, call_item.work_id, "
_Manager, _Executor = process._ExecutorManagerThread, process.ProcessPoolExecutor

PATCHES: Final[Table] = [
    edited(
        _Executor.submit,
        before("self._pending_work_items[self._queue_count] = w", _submitted, "f, fn"),
    ),
    edited(_Executor.shutdown, at_start(closed)),
    edited(
        _Executor._adjust_process_count,
        only_controlled(
            heading("if self._idle_worker_semaphore.acquire(", _has_idle, "self, value")
        ),
    ),
    edited(
        _Manager.add_call_item_to_queue,
        before("self.call_queue.put(", _giving, "work_item"),
        only_controlled(heading("if self.call_queue.full():", _is_full, "self, value")),
    ),
    edited(
        _Manager.wait_result_broken_or_wakeup,
        only_controlled(
            before("worker_sentinels =", _awaited, "self, readers", into="readers"),
        ),
    ),
    edited(
        _Manager.shutdown_workers,
        only_controlled(heading("while (n_sentinels_sent", _stops_more, "value")),
        only_controlled(before("self.call_queue.put_nowait(None)", _stopping, "")),
        after("self.call_queue.put_nowait(None)", _stopped, ""),
    ),
    edited(
        _Manager.process_result_item, before("if result_item.exception", _returned, "work_item")
    ),
    edited(
        process._process_worker,
        before("call_item = call_queue.get(", taking, "call_queue"),
        before("result_queue.put(os.getpid())", _ending, ""),
        before("if max_tasks is not None:", _taken, "", into="_number"),
        before(f"{_RESULT}exception", _raised, "_number, e"),
        before(f"{_RESULT}result", _finished, "_number, r"),
    ),
]
