"""Records what a test does with the primitives, and reads it back as a Trace."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer import _core, primitives
from tracer.recording import lazy, patching

SOURCES = os.path.dirname(tracer.__file__) + os.sep
LIBRARY = os.path.dirname(os.__file__) + os.sep


class Recording:
    """The trace of a `with` block, once the block has ended."""

    def __init__(self) -> None:
        self.trace: tracer.Trace | None = None

    def rows(self, *ops: str, target: str | None = None) -> list[tuple[Any, ...]]:
        """(thread's path, op, kind of the object, outcome, value) of the events with these ops."""
        return [
            (
                event.thread.path,
                event.op.label,
                event.object.kind if event.object else None,
                event.outcome.label,
                None if event.value is tracer.NO_VALUE else event.value,
            )
            for event in self.events(*ops, target=target)
        ]

    def events(self, *ops: str, target: str | None = None) -> list[tracer.Event]:
        """The events with these ops (all if none are given) on objects of the kind `target`."""
        assert self.trace is not None
        return [
            event
            for event in self.trace.events
            if (not ops or event.op.label in ops)
            and (target is None or (event.object is not None and event.object.kind == target))
        ]

    def linked(self, event: tracer.Event) -> tracer.Event:
        """The event that let this one happen."""
        assert self.trace is not None
        assert event.link
        return self.trace.events.at(event.link)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """A context manager that records its block and gives a Recording."""
    count = 0

    @contextmanager
    def recording() -> Iterator[Recording]:
        nonlocal count
        count += 1
        spool = tmp_path / f"spool{count}"
        spool.mkdir()
        result = Recording()
        _core.record.set_internal([SOURCES, LIBRARY])
        _core.record.start(str(spool), 1, "main", True)
        try:
            yield result
        finally:
            _core.record.stop()
        out = tmp_path / f"trace{count}.msgpack"
        _core.trace.write_trace(str(spool), str(out))
        result.trace = tracer.load(out)

    patches_of = partial(primitives.patches_of, controlled=False)
    undo = [
        patching.apply(primitives.patches(controlled=False)),
        lazy.apply(primitives.LAZY, patches_of),
    ]
    yield recording
    for restore in reversed(undo):
        restore()
