"""Comparing traces: what counts as the same event, and where two interleavings diverge."""

from __future__ import annotations

from tracer.analysis.difference import difference
from tracer.events import NO_VALUE, Op, Outcome, Ref
from tracer.trace import Trace


def trace(
    order: str = "aabb",
    *,
    reversed_ids: bool = False,
    value: object = 1,
    file: str = "/p/race.py",
    program: str = "race.py",
    module: str = "race",
    times: int = 10,
) -> Trace:
    """Threads `a` and `b` each read `num` and write it, in the order of the letters."""
    threads = [("main", "MainThread", 1, 0, False)]
    threads += [(f"main.{n}", f"T-{n}", 1, 1, False) for n in ((2, 1) if reversed_ids else (1, 2))]
    numbers = {row[0]: index for index, row in enumerate(threads, 1)}
    events: list[tuple[object, ...]] = []
    seen: set[str] = set()
    for letter in order:
        op, site = (Op.WRITE, 2) if letter in seen else (Op.READ, 1)
        seen.add(letter)
        thread = numbers["main.1" if letter == "a" else "main.2"]
        seq = len(events) + 1
        events.append((seq, seq * times, thread, int(op), 1, site, value))
    built = Trace.from_rows(
        threads=threads,
        locations=[(1, 0, module, "num")],
        sites=[
            (file, 8, times, 8, 20, "work", "num"),
            (file, 9, 5, 9, 20, "work", "num = taken - 1", (1,)),
        ],
        events=events,
    )
    built.header.update(program=program, cwd="/p", mode="script")
    return built


def test_numbers_columns_and_times_do_not_count():
    found = difference(trace(), trace(reversed_ids=True, times=33))
    assert found.same
    assert found.common == 4


def test_the_first_event_of_another_thread_is_where_they_part():
    found = difference(trace("aabb"), trace("abab"))
    divergence = found.divergence
    assert found.common == 1
    assert not found.same
    assert (divergence.first.thread.path, divergence.second.thread.path) == ("main.1", "main.2")
    assert divergence.fields == ("thread", "op", "site")
    assert [event.seq for event in divergence.before] == [1]
    assert [event.seq for event in divergence.first_next] == [3, 4]
    # Only the order is another: each does later what the other did here.
    assert divergence.first_later.seq == 3
    assert divergence.second_later.seq == 3


def test_another_value_is_another_event():
    found = difference(trace(), trace(value=2))
    assert found.common == 0
    assert found.divergence.fields == ("value",)
    assert found.divergence.first_later is None


def test_true_is_not_one_and_nan_is_nan():
    assert not difference(trace(value=True), trace(value=1)).same
    assert not difference(trace(value=0.0), trace(value=-0.0)).same
    assert difference(trace(value=float("nan")), trace(value=float("nan"))).same
    assert difference(trace(value=Ref("dict")), trace(value=Ref("dict"))).same


def linked(*seqs: int, link: int) -> Trace:
    """Two releases and an acquire, with these sequence numbers; the acquire has the link."""
    rows = zip(seqs, (Op.RELEASE, Op.RELEASE, Op.ACQUIRE), (0, 0, link), strict=True)
    return Trace.from_rows(
        threads=[("main", "MainThread", 1, 0, False)],
        objects=[("Lock", "lock", 1, 1, 0)],
        events=[(seq, seq, 1, int(op), 1, 0, NO_VALUE, 0, 0, to) for seq, op, to in rows],
    )


def test_links_are_compared_by_the_events_that_they_lead_to():
    first = linked(1, 2, 3, link=2)
    assert difference(first, linked(10, 20, 30, link=20)).same
    found = difference(first, linked(10, 20, 30, link=10))
    assert (found.common, found.divergence.fields) == (2, ("link",))


def test_a_trace_that_ends_earlier():
    found = difference(trace("aabb"), trace("aab"))
    assert found.common == 3
    assert found.divergence.second is None
    assert found.divergence.first.seq == 4
    assert found.divergence.first_later is None
    empty = difference(trace(""), trace("a"))
    assert empty.divergence.first is None
    assert empty.common == 0


def test_findings_that_come_and_go():
    found = difference(trace("aabb"), trace("abab"))
    assert [one.kind for one in found.changed[0]] == ["lost-update", "lost-update"]
    assert [one.status for one in found.changed[0]] == ["predicted", "observed"]
    assert not found.gone
    gone = difference(trace("abab"), trace("aa"))
    assert [one.kind for one in gone.gone] == ["lost-update"]
    assert not gone.appeared
    assert [one.kind for one in difference(trace("aa"), trace("abab")).appeared] == ["lost-update"]


def test_the_script_is_the_same_file_under_another_name():
    copy = trace(file="/q/fixed.py", program="/q/fixed.py", module="fixed")
    assert difference(trace(), copy).same
    assert not difference(trace(), trace(file="/elsewhere/other.py")).same


def test_unnamed_objects_are_told_apart_by_their_maker():
    def queues(maker: int, reading: int, outcome: Outcome = Outcome.OK) -> Trace:
        return Trace.from_rows(
            threads=[("main", "MainThread", 1, 0, False), ("main.1", "T", 1, 1, False)],
            objects=[("Queue", None, maker, 1, 0), ("Queue", None, 3 - maker, 1, 0)],
            events=[(1, 1, 1, int(Op.GET), reading, 0, 5, int(outcome))],
        )

    assert difference(queues(1, 1), queues(2, 2)).same
    assert difference(queues(1, 1), queues(1, 2)).divergence.fields == ("target",)
    assert difference(queues(1, 1), queues(1, 1, Outcome.TIMED_OUT)).divergence.fields == (
        "outcome",
    )
