"""Whether a thread or process that is started is a worker of a pool or an executor."""

from __future__ import annotations

from types import FrameType
from typing import Final

from ..ops import ONLY_WORKER, WORKER
from .objects import module_of

_POOL: Final = ("multiprocessing.pool", "_repopulate_pool_static")
_EXECUTORS: Final = (
    ("concurrent.futures.thread", "_adjust_thread_count"),
    ("concurrent.futures.process", "_spawn_process"),
)
# What does it for them in newer Pythons, also for the thread that replaces workers.
_BY_EXECUTORS: Final = ("concurrent.futures.process", "_spawn_worker")


def worker_of(starter: FrameType | None) -> str | None:
    """The value of the START of the worker that the code in `starter` starts; None if it starts
    something else."""
    if module_of(starter) == "multiprocessing.dummy":
        starter = starter and starter.f_back
    if starter is None:
        return None
    code = (module_of(starter), starter.f_code.co_name)
    if code == _POOL:
        most = starter.f_locals.get("processes")
    elif code in _EXECUTORS:
        most = getattr(starter.f_locals.get("self"), "_max_workers", None)
    elif code == _BY_EXECUTORS and starter.f_back is not None:
        owner = starter.f_back.f_locals.get("self")
        most = getattr(owner, "_max_workers", None) or getattr(owner, "max_workers", None)
    else:
        return None
    return ONLY_WORKER if most == 1 else WORKER
