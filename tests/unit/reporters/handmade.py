"""Traces made by hand, so that a reporter's test says exactly what it reports on."""

from __future__ import annotations

from tracer.events import NO_VALUE, LocationKind, Op, Outcome
from tracer.trace import Trace

MAIN = 1


class Builder:
    """Collects rows and makes the trace. Time goes on by `step` ns with each event."""

    def __init__(self, step: int = 50_000) -> None:
        self.step = step
        self.t = 0
        self.threads: list[tuple[object, ...]] = [("main", "MainThread", 1, 0, False)]
        self.objects: list[tuple[object, ...]] = []
        self.locations: list[tuple[object, ...]] = []
        self.sites: list[tuple[object, ...]] = []
        self.events: list[tuple[object, ...]] = []
        self.of_thread: dict[int, int] = {}

    def thread(self, name: str | None = None, daemon: bool = False) -> int:
        number = len(self.threads)
        row = (f"main.{number}", name or f"Thread-{number}", 1, MAIN, daemon)
        self.threads.append(row)
        self.of_thread[number + 1] = self.object("Thread", None, number + 1)
        return number + 1

    def object(self, kind: str, label: str | None, thread: int = MAIN) -> int:
        index = 1 + sum(row[0] == kind for row in self.objects)
        self.objects.append((kind, label, thread, index, 0))
        return len(self.objects)

    def variable(self, name: str, module: str = "shop") -> int:
        self.locations.append((int(LocationKind.GLOBAL), 0, module, name))
        return len(self.locations)

    def site(
        self, line: int, text: str, function: str = "sell", sources: tuple[int, ...] = ()
    ) -> int:
        self.sites.append(("shop.py", line, 5, line, 5 + len(text), function, text, sources))
        return len(self.sites)

    def event(
        self,
        thread: int,
        op: Op,
        target: int = 0,
        site: int = 0,
        value: object = NO_VALUE,
        outcome: Outcome = Outcome.OK,
        link: int = 0,
    ) -> int:
        self.t += self.step
        seq = len(self.events) + 1
        self.events.append(
            (seq, self.t, thread, int(op), target, site, value, int(outcome), 0, link)
        )
        return seq

    def start(self, thread: int) -> int:
        return self.event(MAIN, Op.START, self.of_thread[thread])

    def join(self, thread: int) -> int:
        self.event(MAIN, Op.REQUEST, self.of_thread[thread], value="join")
        return self.event(MAIN, Op.JOIN, self.of_thread[thread])

    def trace(self) -> Trace:
        return Trace.from_rows(
            threads=self.threads,
            objects=self.objects,
            locations=self.locations,
            sites=self.sites,
            events=self.events,
        )


def lost_update(threads: int = 2) -> Trace:
    """Row 5b: every thread takes `tickets`, sleeps, and stores what it took less 1."""
    b = Builder()
    tickets = b.variable("tickets")
    read = b.site(18, "tickets")
    write = b.site(20, "tickets = left - 1", sources=(read,))
    b.event(MAIN, Op.BEGIN)
    sellers = [b.thread() for _ in range(threads)]
    for one in sellers:
        b.start(one)
        b.event(one, Op.BEGIN)
        b.event(one, Op.READ, tickets, read, 100)
        b.event(one, Op.SLEEP, 0, read, 0.1)
    b.t += 100_000_000
    for one in sellers:
        b.event(one, Op.WAKE)
        b.event(one, Op.WRITE, tickets, write, 99)
        b.event(one, Op.END)
    for one in sellers:
        b.join(one)
    b.event(MAIN, Op.READ, tickets, b.site(30, "tickets", function="<module>"), 99)
    b.event(MAIN, Op.OUTPUT, value="left: 99\n")
    b.event(MAIN, Op.END)
    return b.trace()


def door() -> Trace:
    """Row 11: a daemon waits on an Event that is set once, and then forever."""
    b = Builder(2_000_000)
    card = b.object("Event", "card")
    keeper, ada = b.thread("door", daemon=True), b.thread("ada")
    b.event(MAIN, Op.BEGIN)
    b.start(keeper)
    b.event(keeper, Op.BEGIN)
    b.event(keeper, Op.REQUEST, card, value="wait")
    b.start(ada)
    b.event(ada, Op.BEGIN)
    opened = b.event(ada, Op.SET, card)
    b.event(keeper, Op.WAIT, card, link=opened)
    b.event(ada, Op.END)
    b.join(ada)
    b.event(keeper, Op.OUTPUT, value="the door opens\n")
    b.event(keeper, Op.CLEAR, card)
    b.event(keeper, Op.REQUEST, card, value="wait")
    b.event(MAIN, Op.END)
    return b.trace()


def naps(threads: int = 50) -> Trace:
    """Row 3: many threads that sleep and do nothing else."""
    b = Builder()
    b.event(MAIN, Op.BEGIN)
    sleepers = [b.thread() for _ in range(threads)]
    for one in sleepers:
        b.start(one)
        b.event(one, Op.BEGIN)
        b.event(one, Op.SLEEP, value=2.0)
    b.t += 2_000_000_000
    for one in sleepers:
        b.event(one, Op.WAKE)
        b.event(one, Op.END)
    for one in sleepers:
        b.join(one)
    b.event(MAIN, Op.END)
    return b.trace()
