"""What is recorded comes back, by our reader and by one that knows only FORMAT.md."""

from __future__ import annotations

import struct
from pathlib import Path

import independent_reader
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import random_trace
from spools import Spool, record

import tracer
from tracer import _core, fileformat
from tracer.events import NO_VALUE, Op, Ref
from tracer.trace import Trace

VALUES = st.one_of(
    st.just(NO_VALUE),
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(), max_size=20),
    st.binary(max_size=20),
    st.builds(Ref, st.text(min_size=1, max_size=9), st.sampled_from([None, 1, 2])),
)
EVENTS = st.lists(
    st.tuples(
        st.integers(1, 1000),  # the step in seq
        st.integers(0, 2**60),
        st.integers(1, 2),
        st.sampled_from(Op),
        st.integers(0, 2),
        st.integers(0, 1),
        VALUES,
        st.integers(0, 6),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=50,
)


@given(EVENTS)
def test_rows_come_back(rows: list[tuple[object, ...]]) -> None:
    events = []
    seq = 0
    for step, *fields, linked in rows:
        link = seq if linked else 0
        seq += step
        events.append((seq, *fields, link))
    trace = Trace.from_rows(
        threads=[("main", "MainThread"), ("main.1", "T", 1, 1, True)],
        sites=[("race.py", 8, 1, 8, 4, "f", "num")],
        objects=[("Lock", "lock", 1, 1, 1), ("dict", None, 1, 2, 0)],
        locations=[(1, 0, "__main__", "num"), (3, 2, None, None, "k")],
        events=events,
    )
    assert trace.core.events(0, len(events)) == [(*event, 0) for event in events]


def test_op_codes_are_those_of_the_vocabulary() -> None:
    assert dict(_core.OPS) == {op.label: op.value for op in Op}


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (1, 1), (300, 2), (140_000, 3)])
def test_an_independent_reader_reads_the_same(tmp_path: Path, count: int, seed: int) -> None:
    path = random_trace(tmp_path, count, seed)
    header, tables, events = independent_reader.read(path)
    trace = tracer.load(path)

    assert len(events) == count
    assert dict(header["ops"]) == {op.label: op for op in Op}
    assert header["argv"] == trace.header["argv"] == ["race.py"]
    strings = tables["strings"]
    for row, theirs in zip(trace.core.events(0, count), events, strict=True):
        seq, t, thread, op, target, site, value, outcome, flags, link, stack = row
        assert (seq, t, thread, op, target) == tuple(
            theirs[name] for name in ("seq", "t", "thread", "op", "target")
        )
        assert (site, outcome, flags, link, stack) == tuple(
            theirs[name] for name in ("site", "outcome", "flags", "link", "stack")
        )
        assert same_value(value, theirs)
    assert [tuple(row) for row in tables["processes"]] == trace.core.processes()
    assert [tuple(row) for row in tables["threads"]] == trace.core.threads()
    assert [strings[row[0] - 1] for row in tables["sites"]] == [s.file for s in trace.sites]
    assert [row[0] for row in tables["locations"]] == [row.kind for row in trace.locations]
    assert tables["notes"] == list(trace.notes)
    assert tables["stacks"] == trace.core.stacks() == [[2, 1]]
    assert [tuple(row) for row in tables["gaps"]] == trace.core.gaps()


def same_value(ours: object, theirs: dict[str, object]) -> bool:
    tag, value = theirs["tag"], theirs["value"]
    if tag == 0:
        return ours is NO_VALUE
    if tag == 5:  # compare the bits: NaN is a value like any other
        return isinstance(ours, float) and struct.pack("d", ours) == struct.pack("d", value)
    if tag == 7:
        return ours == (value.encode() if isinstance(value, str) else value)
    if tag == 8:
        assert isinstance(value, tuple)
        return ours == Ref(value[0], value[1] or None)
    return type(ours) is type(value) and ours == value


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=12), max_size=8))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("text")
    spool = Spool(folder / "spool")
    spool.define(1, [(1, i, text) for i, text in enumerate(texts, 1)])
    records = [record(i, Op.OUTPUT, tag=6, value=i) for i in range(1, len(texts) + 1)]
    spool.thread(1, 1, *records)
    fileformat.write_spool(spool.path, folder / "t.msgpack")
    assert [event.value for event in tracer.load(folder / "t.msgpack").events] == texts


def test_a_locked_counter_costs_at_most_six_bytes_an_event(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.define(1, [(4, 1, 1, 0, 0, 0, None), (3, 1, 0, 0, 1, 1, 0)])
    seq = ticks = 0
    records: dict[int, list[bytes]] = {2: [], 3: []}
    for i in range(20_000):
        for op, site, tag in ((20, 1, 0), (1, 2, 4), (2, 3, 4), (21, 1, 0)):
            seq += 1
            # As irregular as a real clock: up to 12 bits of noise in each step.
            ticks += 80 + (seq * 2654435761 >> 7) % 4096
            value = i + (op == 2) if tag else 0
            records[2 + i // 500 % 2].append(
                record(seq, op, ticks=ticks, target=1, site=site, tag=tag, value=value)
            )
    for thread, rows in records.items():
        spool.thread(1, thread, *rows)
    counts = fileformat.write_spool(spool.path, tmp_path / "t.msgpack")
    assert counts["events"] == 80_000
    assert counts["bytes"] == (tmp_path / "t.msgpack").stat().st_size
    assert counts["bytes"] <= 6 * 80_000
