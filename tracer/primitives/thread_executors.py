"""concurrent.futures.ThreadPoolExecutor: each task from its submission to its worker.

Its workers are threads like others; its queue, locks and semaphore are internal.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import thread
from typing import Any, Final

from .. import _core
from ..ops import Op
from .edits import Table, at_start, before, edited, only_controlled
from .gates import gated, is_joined_next
from .objects import KEY
from .tasks import closed, submitted


def _choosing_worker(executor: Any) -> None:
    """In a replay, whether a new worker starts is what the trace says: which worker is idle is not
    in it."""
    if _core.replay.replaying():
        idle = executor._idle_semaphore
        while idle.acquire(blocking=False):
            pass
        name = f"{executor._thread_name_prefix or executor}_{len(executor._threads)}"
        if _core.replay.name_to_come(Op.START) != name:
            idle.release()


class _Workers(set[Any]):
    """The workers of an executor under control, joined in the order of the recording that is
    followed, or else of their starts: that of a set is chance."""

    def __iter__(self) -> Iterator[Any]:
        left = sorted(super().__iter__(), key=_number)
        while left:
            next_one = next((one for one in left if is_joined_next(_number(one))), left[0])
            left.remove(next_one)
            yield next_one


def _number(worker: Any) -> int:
    number: int = _core.primitives.kept(worker, KEY).number
    return number


def _joining_workers(executor: Any) -> None:
    if _core.control.controlled():
        executor._threads = _Workers(executor._threads)


PATCHES: Final[Table] = [
    edited(
        thread.ThreadPoolExecutor.submit,
        gated(Op.SUBMIT),
        before("self._work_queue.put(w)", submitted, "f, fn"),
    ),
    edited(
        thread.ThreadPoolExecutor._adjust_thread_count,
        only_controlled(before("if self._idle_semaphore.acquire(timeout=0):", _choosing_worker)),
    ),
    edited(
        thread.ThreadPoolExecutor.shutdown,
        at_start(closed),
        only_controlled(before("if wait:", _joining_workers)),
    ),
]
