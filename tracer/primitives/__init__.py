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

from .. import _core
from ..runs.internal import set_internal
from ..runs.part import to_be_controlled
from . import (
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
from .edits import Patch, Table

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
    "_ssl": ".randomness",
    "_uuid": ".uuids",
    "_interpreters": ".interpreters",
    "_xxsubinterpreters": ".interpreters",
    "asyncio.base_events": ".loops",
    "asyncio.events": ".coroutines",
    "concurrent.futures._base": ".futures",
    "concurrent.futures.process": ".process_executors",
    "concurrent.futures.thread": ".thread_executors",
    "greenlet": ".greenlets",
    "logging": ".logs",
    "multiprocessing.managers": ".managers",
    "multiprocessing.process": ".processes",
    "multiprocessing.popen_fork": ".popens",
    "multiprocessing.popen_forkserver": ".forkservers",
    "multiprocessing.shared_memory": ".shared_memory",
    "multiprocessing.sharedctypes": ".shared_values",
    "multiprocessing.spawn": ".spawning",
    "multiprocessing.synchronize": ".semlocks",
    "multiprocessing.connection": ".pipes",
    "multiprocessing.pool": ".pools",
    "multiprocessing.queues": ".process_queues",
    "resource": ".resources",
    "select": ".selects",
    "socket": ".sockets",
    "socketserver": ".socketservers",
    "tempfile": ".temporary",
}
"""Modules that are patched when they are imported, and where their patches are."""


@cache
def patches(controlled: bool) -> Sequence[Patch]:
    """What is changed in every process that is recorded: under control, or not."""
    return _made(_TABLES, controlled)


@cache
def patches_of(module: str, controlled: bool) -> Sequence[Patch]:
    """What is changed in this module of `LAZY`, which has been imported."""
    return _made([import_module(LAZY[module], __name__).PATCHES], controlled)


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
