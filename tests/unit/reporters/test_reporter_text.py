from __future__ import annotations

import handmade
from handmade import MAIN, shop

from tracer.analysis import Verdict
from tracer.events import Note, Op
from tracer.reporters import text


def test_lost_update_is_explained_with_values_sites_and_advice():
    trace = handmade.lost_update(100)
    found = trace.findings()
    said = text.findings(trace, found)
    assert [one.kind for one in found] == ["lost-update"]
    assert said.startswith("1. Lost update on tickets (observed, 99 of 100)")
    words = " ".join(said.split())
    assert "99 of 100 updates were lost" in words
    assert "shop.py:18 tickets in sell" in words
    assert "shop.py:20 tickets = left - 1 in sell" in words
    assert "read tickets → 100 [no lock held]" in words
    assert "How to fix it:" in words
    assert (
        text.last_word(trace, trace.verdict()) == "verdict: 1 finding in 904 events of 101 threads"
    )


def test_source_line_is_quoted_while_the_file_still_has_it(tmp_path):
    file = tmp_path / "shop.py"
    file.write_text("x = 1\ntickets = left - 1  # sold\n")
    b = shop()
    b.sites.append((str(file), 2, 1, 2, 8, "sell", "tickets = left - 1"))
    b.sites.append((str(file), 1, 1, 1, 8, "sell", "something_else"))
    b.emit(MAIN, Op.BEGIN)
    b.emit(MAIN, Op.WRITE, b.global_("tickets"), 1, 1)
    same, changed = b.trace().sites
    assert text._source(same) == "tickets = left - 1  # sold"
    assert text._source(changed) == "something_else"


def test_reasons_are_shown_with_what_to_do_and_decide_the_last_word():
    trace = handmade.naps(2)
    assert text.reasons(trace.verdict()) == ""
    assert text.last_word(trace, trace.verdict()).startswith("verdict: clean")
    trace.header["memory"] = False
    verdict = trace.verdict()
    assert text.reasons(verdict).splitlines() == [
        "not clean: recorded with --no-memory: only the synchronization could be checked",
        "           Record it without --no-memory.",
    ]
    assert "INCONCLUSIVE, not clean: recorded with --no-" in text.last_word(trace, verdict)


def test_reasons_stand_beside_findings():
    trace = handmade.lost_update()
    trace.header["memory"] = False
    verdict = trace.verdict()
    assert "not clean: recorded with --no-memory" in text.reasons(verdict)
    assert text.last_word(trace, verdict).startswith("verdict: 1 finding in")


def test_notes_are_a_line_each():
    verdict = Verdict(notes=(Note("a", "one\x1b"), Note("b", "two", "Do it.")))
    assert text.notes(verdict) == ["note: one\\x1b", "note: two (Do it.)"]
