"""concurrent.futures.ThreadPoolExecutor: each task from its submission to its worker.

Its workers are threads like others; its queue, locks and semaphore are internal.
"""

from __future__ import annotations

from concurrent.futures import thread
from typing import Any, Final

from tracer import _core
from tracer.ops import Op
from tracer.primitives.objects import state
from tracer.primitives.rewriting import Patch, at_start, before, edited
from tracer.primitives.tasks import Task, closed, submitted


def _run(work_item: Any) -> None:
    if known := state(work_item.future, Task):
        _core.emit(Op.RUN, known.number, link=known.submitted)


PATCHES: Final[list[Patch]] = [
    edited(thread._WorkItem.run, before("try:", _run)),
    edited(thread.ThreadPoolExecutor.submit, before("self._work_queue.put(w)", submitted, "f, fn")),
    edited(thread.ThreadPoolExecutor.shutdown, at_start(closed)),
]
