"""Build a small trace by saying what its threads do, in the order in which they do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tracer.events import NO_VALUE, LocationKind, Op, Outcome
from tracer.trace import Trace

STRUCTURAL, AUGMENTED, INDEXED, FROM_END = 1, 2, 4, 8


class Builder:
    """Threads, objects, locations and sites are numbered from 1 as they are first named.

    Every method that records returns the sequence number. Thread 1 is `main`.
    """

    def __init__(self) -> None:
        self.threads: list[tuple[object, ...]] = [("main", "MainThread", 1, 0)]
        self.objects: list[tuple[object, ...]] = []
        self.locations: list[tuple[object, ...]] = []
        self.sites: list[tuple[object, ...]] = []
        self.events: list[tuple[object, ...]] = []
        self._thread_objects: dict[int, int] = {}
        self._named: dict[tuple[str, object], int] = {}

    # What events are about.

    def object(self, kind: str, label: str, thread: int = 1) -> int:
        self.objects.append((kind, label, thread, len(self.objects) + 1, 0))
        return len(self.objects)

    def global_(self, name: str) -> int:
        if ("global", name) not in self._named:
            self.locations.append((LocationKind.GLOBAL, 0, "race", name))
            self._named["global", name] = len(self.locations)
        return self._named["global", name]

    def attribute(self, object: int, name: str) -> int:
        self.locations.append((LocationKind.ATTRIBUTE, object, "", name))
        return len(self.locations)

    def item(self, object: int, key: object) -> int:
        self.locations.append((LocationKind.ITEM, object, "", "", key))
        return len(self.locations)

    def contents(self, object: int) -> int:
        self.locations.append((LocationKind.CONTENTS, object, "", ""))
        return len(self.locations)

    def site(
        self,
        line: int,
        text: str = "",
        *,
        sources: tuple[int, ...] = (),
        guards: tuple[int, ...] = (),
        opaque: bool = False,
        function: str = "f",
        regardless: tuple[int, ...] = (),
    ) -> int:
        row = ("race.py", line, 1, line, 9, function, text, sources, opaque, guards, regardless)
        self.sites.append(row)
        return len(self.sites)

    # Events.

    def emit(
        self,
        thread: int,
        op: Op,
        target: int = 0,
        *,
        site: int = 0,
        value: object = NO_VALUE,
        outcome: Outcome = Outcome.OK,
        flags: int = 0,
        link: int = 0,
    ) -> int:
        seq = len(self.events) + 1
        row: tuple[object, ...] = (seq, seq * 1000, thread, int(op), target, site)
        self.events.append((*row, value, int(outcome), flags, link))
        return seq

    def start(self, parent: int = 1, name: str = "", role: object = NO_VALUE) -> int:
        """Start a thread, which begins at once; its id. `role`: the value of its START."""
        self.threads.append(("", name or f"Thread-{len(self.threads)}", 1, parent))
        thread = len(self.threads)
        self._thread_objects[thread] = self.object("Thread", f"t{thread}", thread)
        self.emit(parent, Op.START, self._thread_objects[thread], value=role)
        self.emit(thread, Op.BEGIN, self._thread_objects[thread])
        return thread

    def end(self, thread: int) -> int:
        return self.emit(thread, Op.END, self._thread_objects[thread])

    def join(self, thread: int, parent: int = 1, outcome: Outcome = Outcome.OK) -> int:
        return self.emit(parent, Op.JOIN, self._thread_objects[thread], outcome=outcome)

    def thread_object(self, thread: int) -> int:
        return self._thread_objects[thread]

    def read(self, thread: int, location: int, value: object = 0, site: int = 0) -> int:
        return self.emit(thread, Op.READ, location, site=site, value=value)

    def write(
        self, thread: int, location: int, value: object = 0, site: int = 0, flags: int = 0
    ) -> int:
        return self.emit(thread, Op.WRITE, location, site=site, value=value, flags=flags)

    def update(
        self,
        thread: int,
        location: int,
        site: int = 0,
        flags: int = 0,
        value: object = NO_VALUE,
    ) -> int:
        return self.emit(thread, Op.UPDATE, location, site=site, value=value, flags=flags)

    def add(self, thread: int, location: int, value: int, read: int, write: int) -> None:
        """An augmented assignment that makes `value` of what is one less."""
        self.read(thread, location, value - 1, read)
        self.write(thread, location, value, write, AUGMENTED)

    def locked(self, thread: int, lock: int) -> AbstractContextManager[None]:
        @contextmanager
        def section() -> Iterator[None]:
            self.emit(thread, Op.ACQUIRE, lock)
            yield
            self.emit(thread, Op.RELEASE, lock)

        return section()

    def trace(self, gaps: Iterable[tuple[str, str, int]] = ()) -> Trace:
        return Trace.from_rows(
            threads=self.threads,
            objects=self.objects,
            locations=self.locations,
            sites=self.sites,
            events=self.events,
            gaps=gaps,
        )
