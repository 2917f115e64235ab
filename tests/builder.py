"""Build a small trace by saying what its threads do, in the order in which they do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tracer.events import NO_VALUE, LocationKind, Op, Outcome
from tracer.trace import Trace

STRUCTURAL, AUGMENTED, INDEXED, FROM_END = 1, 2, 4, 8


class Builder:
    """Threads, objects, locations and sites are numbered from 1 as they are first named.

    Every method that records returns the sequence number. Thread 1 is `main`. The program is
    `NAME.py`, and its places are in `function`; each event is `step` ns after the one before.
    """

    def __init__(self, name: str = "race", step: int = 1000, function: str = "f") -> None:
        self.name = name
        self.function = function
        self.step = step
        self.t = 0
        self.threads: list[tuple[object, ...]] = [("main", "MainThread", 1, 0, False)]
        self.objects: list[tuple[object, ...]] = []
        self.locations: list[tuple[object, ...]] = []
        self.sites: list[tuple[object, ...]] = []
        self.events: list[tuple[object, ...]] = []
        self._thread_objects: dict[int, int] = {}
        self._named: dict[tuple[str, object], int] = {}

    # What events are about.

    def thread(
        self, name: str = "", daemon: bool = False, parent: int = 1, label: str | None = None
    ) -> int:
        """A thread, which has not been started; its id."""
        number = len(self.threads)
        row = (f"main.{number}", name or f"Thread-{number}", 1, parent, daemon)
        self.threads.append(row)
        thread = len(self.threads)
        self._thread_objects[thread] = self.object("Thread", label, thread)
        return thread

    def object(self, kind: str, label: str | None, thread: int = 1) -> int:
        index = 1 + sum(row[0] == kind for row in self.objects)
        self.objects.append((kind, label, thread, index, 0))
        return len(self.objects)

    def global_(self, name: str) -> int:
        if ("global", name) not in self._named:
            self.locations.append((LocationKind.GLOBAL, 0, self.name, name))
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
        function: str = "",
        regardless: tuple[int, ...] = (),
    ) -> int:
        place = (f"{self.name}.py", line, 5, line, 5 + len(text))
        self.sites.append(
            (*place, function or self.function, text, sources, opaque, guards, regardless)
        )
        return len(self.sites)

    # Events.

    def emit(
        self,
        thread: int,
        op: Op,
        target: int = 0,
        site: int = 0,
        value: object = NO_VALUE,
        *,
        outcome: Outcome = Outcome.OK,
        flags: int = 0,
        link: int = 0,
    ) -> int:
        self.t += self.step
        seq = len(self.events) + 1
        row: tuple[object, ...] = (seq, self.t, thread, int(op), target, site)
        self.events.append((*row, value, int(outcome), flags, link))
        return seq

    def start(self, parent: int = 1, name: str = "", role: object = NO_VALUE) -> int:
        """Start a thread, which begins at once; its id. `role`: the value of its START."""
        thread = self.thread(name, parent=parent, label=f"t{len(self.threads) + 1}")
        self.emit(parent, Op.START, self._thread_objects[thread], value=role)
        self.emit(thread, Op.BEGIN, self._thread_objects[thread])
        return thread

    def launch(self, thread: int) -> int:
        """The main thread starts one that there is; it has not begun yet."""
        return self.emit(1, Op.START, self._thread_objects[thread])

    def end(self, thread: int) -> int:
        return self.emit(thread, Op.END, self._thread_objects[thread])

    def join(self, thread: int, parent: int = 1, outcome: Outcome = Outcome.OK) -> int:
        return self.emit(parent, Op.JOIN, self._thread_objects[thread], outcome=outcome)

    def join_waiting(self, thread: int) -> int:
        """As `join`, which has to wait."""
        self.emit(1, Op.REQUEST, self._thread_objects[thread], value="join")
        return self.join(thread)

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
