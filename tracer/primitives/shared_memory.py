"""multiprocessing.shared_memory: blocks of memory that go by a name, and lists in them.

A block is one object in all processes that attach to it by its name. An item of a ShareableList is
packed and unpacked in several steps by code of the standard library, so the order of accesses to
one item by different processes is that of the log only where the program orders them.
"""

from __future__ import annotations

import sys
from multiprocessing.shared_memory import ShareableList, SharedMemory
from typing import Any, Final

from .. import _core
from ..ops import Op
from .edits import (
    Edit,
    Table,
    after,
    at_end,
    at_start,
    before,
    edited,
    only_controlled,
    results,
)
from .objects import INTERNAL, KEY, State, caller, made_by_program

# What is unpickled is attached to by multiprocessing's code, for the program.
_PASSED: Final = (
    "functools",
    "multiprocessing.connection",
    "multiprocessing.context",
    "multiprocessing.forkserver",
    "multiprocessing.managers",
    "multiprocessing.pool",
    "multiprocessing.queues",
    "multiprocessing.shared_memory",
    "multiprocessing.spawn",
)


class _Named(State):
    """The recorder's knowledge of a block, or of a list in a block, by the block's name."""

    __slots__ = ()

    def __init__(self, owner: Any, name: str) -> None:
        super().__init__(owner)
        _core.record.share_object(self.number, f"{type(owner).__name__} {name}")

    def opened(self, create: bool) -> None:
        _core.record.emit(Op.OPEN, self.number, value="create" if create else "attach")


def _of(owner: Any) -> _Named | None:
    if not _core.record.recording():
        return None
    known = _core.primitives.kept(owner, KEY)
    return None if known is None or known is INTERNAL else known


def _opened(memory: Any, create: bool) -> None:
    frame = caller()
    of_list = frame is not None and frame.f_code.co_qualname == "ShareableList.__init__"
    if not of_list and _core.record.recording() and made_by_program(*_PASSED):
        known = _core.primitives.keep(memory, KEY, _Named(memory, memory.name))
        _core.record.bind_object(memory.buf, known.number)
        known.opened(create)


# A block is closed when it dies, too, which may be when our module has gone: hence the defaults.
# If it dies with its process that is no event: none could be put in order any more.
def _closed(
    memory: Any,
    is_ending: Any = sys.is_finalizing,
    kept: Any = _core.primitives.kept,
    emit: Any = _core.record.emit,
    key: str = KEY,
    op: int = Op.CLOSE,
) -> None:
    known = kept(memory, key)
    if memory._mmap is not None and hasattr(known, "number") and not is_ending():
        emit(op, known.number)


def _unlinked(memory: Any) -> None:
    if known := _of(memory):
        _core.record.emit(Op.CLOSE, known.number, value="unlink")


def _listed(items: Any, create: bool) -> None:
    if _core.record.recording() and made_by_program(*_PASSED):
        # The block is closed, and the list with it.
        known = _core.primitives.keep(items, KEY, _Named(items, items.shm.name))
        _core.primitives.keep(items.shm, KEY, known)
        known.opened(create)


def _accessing(op: Op) -> Edit | None:
    def passing(items: Any) -> None:
        if known := _of(items):
            _core.control.gate(op, known.number)

    return only_controlled(at_start(passing))


def _got(items: Any, position: int, value: object) -> object:
    if known := _of(items):
        # A replay has the accesses in the order in which they were recorded, see above.
        value = _core.replay.expected_value(Op.READ, value)
        _core.hooks.shared_item(Op.READ, known.number, position, value)
    return value


def _set(items: Any, position: int, value: object) -> None:
    if known := _of(items):
        _core.hooks.shared_item(Op.WRITE, known.number, position, value)


_core.hooks.shared_types([memoryview], [ShareableList])

PATCHES: Final[Table] = [
    edited(SharedMemory.__init__, at_end(_opened, "self, create")),
    edited(SharedMemory.close, before("if self._mmap is not None:", _closed)),
    edited(SharedMemory.unlink, before("_posixshmem.shm_unlink(", _unlinked)),
    edited(ShareableList.__init__, at_end(_listed, "self, sequence is not None")),
    edited(ShareableList.__getitem__, _accessing(Op.READ), results(_got, "self, position, result")),
    edited(
        ShareableList.__setitem__,
        _accessing(Op.WRITE),
        after("struct.pack_into(new_format", _set, "self, position, value"),
    ),
]
