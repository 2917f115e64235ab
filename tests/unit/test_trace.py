"""Trace and its events: look-up, names, filters."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tracer
from tracer.events import NO_VALUE, Event, LocationKind, Op, Outcome, Ref
from tracer.trace import Trace


@pytest.fixture(scope="module")
def trace() -> Trace:
    return Trace.from_rows(
        threads=[("main", "MainThread"), ("main.1", "T", 1, 1), ("main.2", "T", 1, 1)],
        sites=[("race.py", 8, 1, 8, 4, "f", "num"), ("race.py", 9, 1, 9, 4, "f", "num", [1])],
        objects=[("Lock", "lock", 1, 1, 1), ("dict", None, 2, 3), ("Counter", "c", 1, 1)],
        locations=[
            (1, 0, "__main__", "num"),
            (1, 0, "race", "num"),
            (2, 3, None, "value"),
            (3, 2, None, None, "k"),
            (3, 2, None, None, 7),
            (3, 2, None, None, Ref("tuple", 1)),
            (4, 2),
            (5, 0, None, "total"),
        ],
        events=[
            (2, 10, 1, Op.START, 0),
            (4, 20, 2, Op.READ, 1, 1, 100),
            (6, 30, 3, Op.WRITE, 1, 2, 99),
            (8, 40, 2, Op.ACQUIRE, 1, 1),
            (10, 50, 3, Op.WRITE, 3, 2, None, 0, 1, 4),
        ],
    )


def test_locations_have_the_names_that_people_use(trace: Trace) -> None:
    assert [location.name for location in trace.locations] == [
        "num",
        "race.num",
        "c.value",
        "dict#3['k']",
        "dict#3[7]",
        "dict#3[lock]",
        "dict#3[*]",
        "total",
    ]
    item = trace.locations[3]
    assert (item.kind, item.key, item.object) == (LocationKind.ITEM, "k", trace.objects[1])


@pytest.mark.parametrize(
    ("header", "short"),
    [
        ({"program": "/src/race.py", "mode": "script"}, ["num", "stock.left"]),
        ({"program": "pkg.race", "mode": "module"}, ["num", "stock.left"]),
        ({"program": "/src/stock.py", "mode": "script"}, ["race.num", "left"]),
        ({}, ["num", "left"]),
    ],
)
def test_the_script_s_own_globals_go_without_their_module(
    header: dict[str, object], short: list[str]
) -> None:
    core = Trace.from_rows(locations=[(1, 0, "race", "num"), (1, 0, "stock", "left")]).core
    trace = Trace(core, header)
    assert [location.short for location in trace.locations] == short
    assert [location.name for location in trace.locations] == ["race.num", "stock.left"]
    assert list(trace.events.filter(location=short[0])) == []


def test_events_are_a_sequence(trace: Trace) -> None:
    events = trace.events
    assert len(events) == 5
    assert [event.seq for event in events] == [2, 4, 6, 8, 10]
    assert events[-1] == events[4]
    assert [event.seq for event in events[1:3]] == [4, 6]
    assert [event.seq for event in events[::-2]] == [10, 6, 2]
    assert events[3:1] == []
    for index in (5, -6):
        with pytest.raises(IndexError):
            events[index]


def test_an_event_refers_to_rows(trace: Trace) -> None:
    start, read, _, acquire, last = trace.events
    assert (start.value, start.object, start.location, start.site) == (NO_VALUE, None, None, None)
    assert (read.location, read.object) == (trace.locations[0], None)
    assert (acquire.location, acquire.object) == (None, trace.objects[0])
    assert last == Event(
        seq=10,
        t=50,
        thread=trace.threads[2],
        op=Op.WRITE,
        object=None,
        location=trace.locations[2],
        site=trace.sites[1],
        value=None,
        link=4,
        structural=True,
    )


def test_at_finds_by_sequence_number(trace: Trace) -> None:
    assert trace.events.at(6) is not None
    assert trace.events.at(6).value == 99
    for seq in (-1, 0, 1, 5, 11):
        with pytest.raises(KeyError):
            trace.events.at(seq)


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        ({}, [2, 4, 6, 8, 10]),
        ({"thread": 2}, [4, 8]),
        ({"thread": "main.1"}, [4, 8]),
        ({"thread": "T"}, [4, 6, 8, 10]),
        ({"location": "num"}, [4, 6]),
        ({"location": 3}, [10]),
        ({"object": "lock"}, [8]),
        ({"object": 1}, [8]),
        ({"op": "write"}, [6, 10]),
        ({"op": (Op.READ, "acquire")}, [4, 8]),
        ({"op": "write", "thread": 3, "location": "c.value"}, [10]),
        ({"thread": "T", "op": "write", "location": "num"}, [6]),
        ({"seq_range": (4, 8)}, [4, 6, 8]),
        ({"seq_range": range(5, 8)}, [6]),
        ({"seq_range": (9, 3)}, []),
    ],
)
def test_filter(trace: Trace, wanted: dict[str, object], seqs: list[int]) -> None:
    assert [event.seq for event in trace.events.filter(**wanted)] == seqs  # type: ignore[arg-type]


def test_who_has_events_is_known_without_any_being_made() -> None:
    events = [
        (1, 0, 1, Op.BEGIN, 0),
        (2, 1, 2, Op.BEGIN, 0),
        (3, 2, 2, Op.FINISH, 1, 1, "KeyError", Outcome.RAISED),
        (4, 3, 1, Op.FINISH, 2, 1),
        (5, 4, 1, Op.END, 0, 1),
    ]
    small = Trace.from_rows(
        threads=[("main", "MainThread"), ("main.1", "T", 1, 1)],
        sites=[("race.py", 8, 1, 8, 4, "f", "num")],
        objects=[("Future", "a", 1, 1, 1), ("Future", "b", 1, 2, 1)],
        events=events,
    )
    assert small.events.threads(Op.BEGIN) == {1, 2}
    assert small.events.threads(Op.END) == {1}
    assert small.events.objects(Op.FINISH) == {1, 2}
    assert small.events.objects(Op.FINISH, Outcome.RAISED) == {1}
    assert small.events.objects(Op.BEGIN) == set()
    rows = small.events.rows([Op.BEGIN, Op.END], thread=1, seq_range=(2, 9))
    assert [row[0] for row in rows] == [5]
    assert not {"sites", "objects", "_names"} & vars(small).keys()


def test_filter_takes_rows_and_refuses_unknown_names(trace: Trace) -> None:
    assert [e.seq for e in trace.events.filter(thread=trace.threads[0])] == [2]
    for unknown in ({"thread": "x"}, {"object": "x"}, {"location": "x"}, {"op": "x"}):
        with pytest.raises(KeyError):
            trace.events.filter(**unknown)


def test_filter_goes_on_after_many_hits() -> None:
    count = 200_000
    trace = Trace.from_rows(
        threads=[("main",)], events=[(i, i, 1, Op.SET + i % 2) for i in range(1, count + 1)]
    )
    assert [e.seq for e in trace.events.filter(op="set")] == list(range(2, count + 1, 2))


def test_rows_that_make_no_sense_are_refused() -> None:
    for rows in (
        {"events": [(1, 1, 1, Op.SET)]},
        {"threads": [("main",)], "events": [(2, 1, 1, Op.SET), (1, 1, 1, Op.SET)]},
        {"objects": [("Lock", None, 4)]},
    ):
        with pytest.raises(tracer.TraceFileError):
            list(Trace.from_rows(**rows).events)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no trace keeps a list"):
        Trace.from_rows(threads=[("main",)], events=[(1, 1, 1, Op.SET, 0, 0, [])])


def test_every_public_name_is_there() -> None:
    assert all(getattr(tracer, name) is not None for name in tracer.__all__)
    assert set(tracer.__all__) <= set(dir(tracer))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tracer.nothing  # noqa: B018


def test_importing_the_package_imports_nothing_else() -> None:
    script = "import sys; import tracer; print([m for m in sys.modules if 'tracer.' in m])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_files_that_moved_with_their_trace_are_found(tmp_path) -> None:
    rows = [(str(path), 1, 1, 1, 2, "f", "x") for path in ("/src/a.py", "/src/gone.py", "/no/b.py")]
    core = Trace.from_rows(sites=rows).core
    (tmp_path / "traces").mkdir()
    (tmp_path / "a.py").touch()
    header: dict[str, object] = {"folder": "/src/traces"}
    moved = Trace(core, header, tmp_path / "traces" / "t.msgpack")
    files = [site.file for site in moved.sites]
    assert files == [str(tmp_path / "a.py"), "/src/gone.py", "/no/b.py"]
    assert moved.place("relative") == "relative"
    for unknown in ({}, {"folder": 3}, {"folder": str(tmp_path / "traces")}):
        trace = Trace(core, dict(unknown), tmp_path / "traces" / "t.msgpack")
        assert trace.sites[0].file == "/src/a.py"
