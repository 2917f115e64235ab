"""Traces made by hand, so that a reporter's test says exactly what it reports on."""

from __future__ import annotations

from builder import Builder

from tracer.events import Op
from tracer.trace import Trace

MAIN = 1


def shop(step: int = 50_000) -> Builder:
    """The program is `shop.py`; each event is `step` ns after the one before."""
    return Builder("shop", step, "sell")


def lost_update(threads: int = 2) -> Trace:
    """Row 5b: every thread takes `tickets`, sleeps, and stores what it took less 1."""
    b = shop()
    tickets = b.global_("tickets")
    read = b.site(18, "tickets")
    write = b.site(20, "tickets = left - 1", sources=(read,))
    b.emit(MAIN, Op.BEGIN)
    sellers = [b.thread() for _ in range(threads)]
    for one in sellers:
        b.launch(one)
        b.emit(one, Op.BEGIN)
        b.emit(one, Op.READ, tickets, read, 100)
        b.emit(one, Op.SLEEP, 0, read, 0.1)
    b.t += 100_000_000
    for one in sellers:
        b.emit(one, Op.WAKE)
        b.emit(one, Op.WRITE, tickets, write, 99)
        b.emit(one, Op.END)
    for one in sellers:
        b.join_waiting(one)
    b.emit(MAIN, Op.READ, tickets, b.site(30, "tickets", function="<module>"), 99)
    b.emit(MAIN, Op.OUTPUT, value="left: 99\n")
    b.emit(MAIN, Op.END)
    return b.trace()


def door() -> Trace:
    """Row 11: a daemon waits on an Event that is set once, and then forever."""
    b = shop(2_000_000)
    card = b.object("Event", "card")
    keeper, ada = b.thread("door", daemon=True), b.thread("ada")
    b.emit(MAIN, Op.BEGIN)
    b.launch(keeper)
    b.emit(keeper, Op.BEGIN)
    b.emit(keeper, Op.REQUEST, card, value="wait")
    b.launch(ada)
    b.emit(ada, Op.BEGIN)
    opened = b.emit(ada, Op.SET, card)
    b.emit(keeper, Op.WAIT, card, link=opened)
    b.emit(ada, Op.END)
    b.join_waiting(ada)
    b.emit(keeper, Op.OUTPUT, value="the door opens\n")
    b.emit(keeper, Op.CLEAR, card)
    b.emit(keeper, Op.REQUEST, card, value="wait")
    b.emit(MAIN, Op.END)
    return b.trace()


def naps(threads: int = 50) -> Trace:
    """Row 3: many threads that sleep and do nothing else."""
    b = shop()
    b.emit(MAIN, Op.BEGIN)
    sleepers = [b.thread() for _ in range(threads)]
    for one in sleepers:
        b.launch(one)
        b.emit(one, Op.BEGIN)
        b.emit(one, Op.SLEEP, value=2.0)
    b.t += 2_000_000_000
    for one in sleepers:
        b.emit(one, Op.WAKE)
        b.emit(one, Op.END)
    for one in sleepers:
        b.join_waiting(one)
    b.emit(MAIN, Op.END)
    return b.trace()
