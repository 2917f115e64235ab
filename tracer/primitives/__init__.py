"""The recorded forms of `threading`, `queue` and `_thread`.

Locks and `time.sleep` are native (`core/src/sync`).

Each family has a table, `PATCHES`, of what it changes in modules, classes and functions of the
standard library while a program is recorded. Patched code that runs while nothing is recorded
behaves as the original does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Final

from tracer import _core
from tracer.primitives import (
    barriers,
    conditions,
    environments,
    events,
    iterators,
    observations,
    queues,
    rewriting,
    semaphores,
    threads,
)
from tracer.primitives.edits import Patch, Table
from tracer.runs.internal import set_internal
from tracer.runs.part import to_be_controlled

__all__ = ["LAZY", "install", "patches", "patches_of"]

_TABLES: Final[Sequence[Table]] = (
    conditions.PATCHES,
    semaphores.PATCHES,
    events.PATCHES,
    barriers.PATCHES,
    threads.PATCHES,
    observations.PATCHES,
    queues.PATCHES,
    environments.PATCHES,
    iterators.PATCHES,
)

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


@cache
def patches(controlled: bool) -> Sequence[Patch]:
    """What is changed in every process that is recorded: under control, or not."""
    return _made(_TABLES, controlled)


@cache
def patches_of(module: str, controlled: bool) -> Sequence[Patch]:
    """What is changed in this module of `LAZY`, which has been imported."""
    return _made([import_module(LAZY[module]).PATCHES], controlled)


def _made(tables: Iterable[Table], controlled: bool) -> Sequence[Patch]:
    made = [patch for table in tables for patch in rewriting.patches(table, controlled)]
    rewriting.finish()
    return made


def install() -> None:
    """Make the patches, for good, so that what the program makes before a recording is known
    to it."""
    made = patches(to_be_controlled())
    set_internal()
    _core.record.install()
    for owner, attribute, replacement in made:
        setattr(owner, attribute, replacement)
