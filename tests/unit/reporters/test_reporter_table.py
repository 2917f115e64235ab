from __future__ import annotations

import handmade
import pytest
from handmade import MAIN, shop

from tracer.errors import UsageError
from tracer.events import Op, Outcome
from tracer.reporters.table import table
from tracer.reporters.window import HEAD, TAIL, Window, select


def shown(trace, **how):
    return [event.seq for event in select(trace, Window(**how)).events]


def test_long_trace_shows_both_ends_and_says_what_is_left_out():
    trace = handmade.lost_update(100)
    lines = list(table(trace))
    assert shown(trace) == [*range(1, HEAD + 1), *range(len(trace.events) - TAIL + 1, 905)]
    assert any(f"{904 - HEAD - TAIL} events left out" in line for line in lines)


def test_full_leaves_nothing_out():
    trace = handmade.lost_update(100)
    assert shown(trace, everything=True) == list(range(1, 905))
    assert not any("left out" in line for line in table(trace, Window(everything=True)))


def test_around_shows_the_neighbours():
    trace = handmade.lost_update(100)
    assert shown(trace, around=400) == list(range(380, 421))
    assert shown(trace, around=1) == list(range(1, 22))


def test_head_and_tail():
    trace = handmade.lost_update(100)
    assert shown(trace, head=3) == [1, 2, 3]
    assert shown(trace, tail=2) == [903, 904]
    assert shown(trace, head=1, tail=1) == [1, 904]
    assert shown(trace, head=900, tail=900) == list(range(1, 905))


def test_thread_and_object():
    trace = handmade.lost_update(2)
    by_name, by_path = shown(trace, thread="Thread-1"), shown(trace, thread="main.1")
    assert by_name == by_path
    assert {trace.events.at(seq).thread.name for seq in by_name} == {"Thread-1"}
    on_tickets = [trace.events.at(seq).op for seq in shown(trace, object="tickets")]
    assert on_tickets == [Op.READ, Op.READ, Op.WRITE, Op.WRITE, Op.READ]
    assert shown(trace, object="shop.tickets") == shown(trace, object="tickets")
    assert len(shown(trace, object="tickets", head=2)) == 2


@pytest.mark.parametrize("how", [{"thread": "nobody"}, {"object": "nothing"}, {"around": 99}])
def test_what_is_not_in_the_trace_is_an_error(how):
    with pytest.raises(UsageError):
        shown(handmade.lost_update(2), **how)


def test_waits_say_how_long():
    lines = list(table(handmade.door(), width=160))
    assert any("pass card (waited 8.0 ms)" in line for line in lines)
    assert any("join ada (waited 2.0 ms)" in line for line in lines)


def test_thread_that_waits_at_the_end_is_named():
    lines = list(table(handmade.door()))
    said = [line for line in lines if line.startswith("door was still waiting for card")]
    assert len(said) == 1
    assert "event 14" in said[0]
    assert "daemon" in said[0]


def test_switch_has_an_arrow():
    lines = list(table(handmade.door(), width=160))
    begin = next(line for line in lines if line.lstrip().startswith("3 "))
    assert "╰─" in begin
    assert "▶" in begin
    back = next(line for line in lines if line.lstrip().startswith("5 "))
    assert "◀" in back


def test_many_threads_share_the_last_column_and_are_named():
    lines = list(table(handmade.naps(), Window(everything=True), width=100))
    assert any("more threads" in line for line in lines)
    assert any("Thread-50: sleep 2 s" in line for line in lines)


def test_plain_has_no_escapes_and_colour_has():
    trace = handmade.door()
    assert not any("\x1b" in line for line in table(trace))
    assert any("\x1b[" in line for line in table(trace, colour=True))


def test_recorded_text_can_not_steer_the_terminal():
    b = shop()
    evil = b.thread("\x1b[31mevil\n")
    b.launch(evil)
    b.emit(evil, Op.OUTPUT, value="\x1b[2J\x07\n")
    b.emit(evil, Op.WRITE, b.global_("x\x1b"), value="a\x1bb")
    text = "\n".join(table(b.trace()))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\\x1b[31mevil" in text


def test_an_access_that_raised_says_what():
    b = shop()
    b.emit(MAIN, Op.UPDATE, b.global_("x"), value="IndexError", outcome=Outcome.RAISED)
    assert any("update x (raised IndexError)" in line for line in table(b.trace()))


def test_no_events_is_said():
    assert "No event was recorded." in list(table(shop().trace()))


def test_get_shows_the_item_of_its_put():
    b = shop()
    line = b.object("Queue", "line")
    put = b.emit(MAIN, Op.PUT, line, value="brötchen")
    b.emit(MAIN, Op.GET, line, link=put)
    b.emit(MAIN, Op.REQUEST, line, value="join")
    b.emit(MAIN, Op.JOIN, line)
    text = "\n".join(table(b.trace()))
    assert "get line → 'brötchen'" in text
    assert "join line" in text
