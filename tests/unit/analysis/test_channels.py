"""What the system's pipes and pairs of sockets order."""

from __future__ import annotations

import pytest
from builder import Builder

from tracer import analysis
from tracer.events import Op


@pytest.mark.parametrize("kind", ["Pipe", "SocketPair"])
@pytest.mark.parametrize("op", [Op.SEND, Op.CLOSE])
def test_what_was_done_before_a_writing_comes_before_the_reading(kind: str, op: Op) -> None:
    b = Builder()
    x, channel = b.global_("x"), b.object(kind, "channel")
    one, other = b.start(), b.start()
    b.add(one, x, 1, b.site(1, "x"), b.site(1, "x += 1"))
    b.emit(one, op, channel)
    b.emit(other, Op.RECV, channel)
    b.add(other, x, 2, b.site(2, "x"), b.site(2, "x += 1"))
    assert analysis.find(b.trace()) == []


def test_every_writing_so_far_comes_before_a_reading() -> None:
    b = Builder()
    x, channel = b.global_("x"), b.object("Pipe", "channel")
    one, other = b.start(), b.start()
    b.add(one, x, 1, b.site(1, "x"), b.site(1, "x += 1"))
    b.emit(one, Op.SEND, channel)
    b.emit(other, Op.SEND, channel)
    b.emit(1, Op.RECV, channel)
    b.add(1, x, 2, b.site(2, "x"), b.site(2, "x += 1"))
    assert analysis.find(b.trace()) == []


def test_what_is_done_after_a_writing_or_sent_the_other_way_is_not_ordered() -> None:
    b = Builder()
    x, here, there = b.global_("x"), b.object("SocketPair", "a"), b.object("SocketPair", "b")
    one, other = b.start(), b.start()
    b.emit(one, Op.SEND, there)
    b.add(one, x, 1, b.site(1, "x"), b.site(1, "x += 1"))
    b.emit(one, Op.SEND, here)
    b.emit(other, Op.RECV, there)
    b.add(other, x, 2, b.site(2, "x"), b.site(2, "x += 1"))
    (found,) = analysis.find(b.trace())
    assert found.kind == "lost-update"


def test_writers_are_not_ordered_by_each_other() -> None:
    b = Builder()
    x, channel = b.global_("x"), b.object("Pipe", "channel")
    one, other = b.start(), b.start()
    for value, thread in enumerate((one, other), 1):
        b.add(thread, x, value, b.site(1, "x"), b.site(1, "x += 1"))
        b.emit(thread, Op.SEND, channel)
    b.emit(1, Op.RECV, channel)
    (found,) = analysis.find(b.trace())
    assert found.kind == "lost-update"
