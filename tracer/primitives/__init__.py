"""The recorded forms of `threading`, `queue` and `_thread`.

Locks and `time.sleep` are native (`core/src/sync`).

`PATCHES` lists (owner, attribute, replacement): a module, class or function of the standard
library, and what its attribute is while a program is recorded. Patched code that runs while
nothing is recorded behaves as the original does.
"""

from __future__ import annotations

from typing import Final

from tracer import _core
from tracer.primitives import (
    barriers,
    conditions,
    events,
    queues,
    rewriting,
    semaphores,
    threads,
)

__all__ = ["LAZY", "PATCHES", "install"]

PATCHES: Final[list[rewriting.Patch]] = [
    *conditions.PATCHES,
    *semaphores.PATCHES,
    *events.PATCHES,
    *barriers.PATCHES,
    *threads.PATCHES,
    *queues.PATCHES,
]
rewriting.finish()

LAZY: Final[dict[str, str]] = {
    "_ssl": "tracer.primitives.randomness",
    "_uuid": "tracer.primitives.uuids",
    "_interpreters": "tracer.primitives.interpreters",
    "_xxsubinterpreters": "tracer.primitives.interpreters",
    "asyncio.base_events": "tracer.primitives.loops",
    "asyncio.events": "tracer.primitives.coroutines",
    "concurrent.futures._base": "tracer.primitives.futures",
    "concurrent.futures.process": "tracer.primitives.process_executors",
    "concurrent.futures.thread": "tracer.primitives.thread_executors",
    "greenlet": "tracer.primitives.greenlets",
    "logging": "tracer.primitives.logs",
    "multiprocessing.managers": "tracer.primitives.managers",
    "multiprocessing.process": "tracer.primitives.processes",
    "multiprocessing.popen_fork": "tracer.primitives.popens",
    "multiprocessing.popen_forkserver": "tracer.primitives.forkservers",
    "multiprocessing.shared_memory": "tracer.primitives.shared_memory",
    "multiprocessing.sharedctypes": "tracer.primitives.shared_values",
    "multiprocessing.spawn": "tracer.primitives.spawning",
    "multiprocessing.synchronize": "tracer.primitives.semlocks",
    "multiprocessing.connection": "tracer.primitives.pipes",
    "multiprocessing.pool": "tracer.primitives.pools",
    "multiprocessing.queues": "tracer.primitives.process_queues",
    "resource": "tracer.primitives.resources",
    "select": "tracer.primitives.selects",
    "socket": "tracer.primitives.sockets",
    "socketserver": "tracer.primitives.socketservers",
}
"""Modules that are patched when they are imported, and where their patches are."""


def install() -> None:
    """Make the patches, for good, so that what the program makes before a recording is known
    to it."""
    from tracer.recording.session import set_internal

    set_internal()
    _core.install()
    for owner, attribute, replacement in PATCHES:
        setattr(owner, attribute, replacement)
