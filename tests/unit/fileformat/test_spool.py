"""A spool becomes a trace, whatever state the program left it in."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from samples import random_spool, random_trace
from spools import BLOCK, HEAD, LINK, Spool, record, short

import tracer
from tracer import fileformat
from tracer.errors import TraceFileError, TracerError
from tracer.events import NO_VALUE, Op, Outcome, Ref
from tracer.supervising import supervisor
from tracer.trace import Trace

TWO_THREADS = [
    (6, "main", 77, "", "MainProcess"),
    (5, 1, "main", "MainThread", 0, False),
    (5, 2, "main.1", "Worker", 1, True),
    *((1, i, text) for i, text in enumerate(("num", "race.py", "__main__", "Lock", "lock"), 1)),
    (2, 1, 2, 8, 5, 8, 8, 3, 1, False, [], []),
    (2, 2, 2, 10, 5, 10, 14, 3, 1, True, [1], [1]),
    (3, 1, 4, 5, 1, 1, 1),
    (4, 1, 1, 0, 3, 1, None),
]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    spool = Spool(tmp_path / "spool")
    spool.define(1, TWO_THREADS)
    return spool


def made(spool: Spool) -> Trace:
    out = spool.path.with_name("out.msgpack")
    fileformat.write_spool(spool.path, out)
    return tracer.load(out)


def test_threads_are_merged_by_sequence_number(spool: Spool) -> None:
    spool.thread(1, 1, record(1, Op.START, target=1, ticks=1500), record(4, Op.WRITE, ticks=1700))
    spool.thread(1, 2, record(2, Op.BEGIN, ticks=1600), record(3, Op.READ, ticks=1650))
    events = made(spool).events[:]
    assert [(e.seq, e.thread.path, e.op, e.t) for e in events] == [
        (1, "main", Op.START, 500),
        (2, "main.1", Op.BEGIN, 600),
        (3, "main.1", Op.READ, 650),
        (4, "main", Op.WRITE, 700),
    ]


def test_what_is_not_in_the_events_is_said_once_with_its_thread(spool: Spool) -> None:
    gaps = [(12, "package", "zict", 2), (12, "package", "zict", 2), (12, "own-code", "<cell 1>", 9)]
    spool.define(1, TWO_THREADS + gaps)
    spool.thread(1, 2, record(1, Op.BEGIN))
    trace = made(spool)
    assert [(gap.kind, gap.subject, gap.thread) for gap in trace.gaps] == [
        ("package", "zict", trace.threads[1]),
        ("own-code", "<cell 1>", None),
    ]


def test_an_event_has_everything_that_was_recorded(spool: Spool) -> None:
    spool.thread(
        1,
        2,
        record(5, Op.READ, target=1, site=1, tag=4, value=2**64 - 3),
        record(6, Op.WRITE, target=1, site=2, tag=8, value=4 << 32 | 1, flags=1),
        record(7, Op.ACQUIRE, target=1, site=2, tag=LINK, value=5, outcome=Outcome.TIMED_OUT),
    )
    trace = made(spool)
    read, write, acquire = trace.events
    assert (read.value, str(read.site), read.target) == (-3, "race.py:8", "num")
    assert (write.value, write.structural) == (Ref("Lock", 1), True)
    assert write.site is not None
    assert (write.site.sources, write.site.guards, write.site.opaque) == ((1,), (1,), True)
    assert (acquire.value, acquire.link, acquire.outcome) == (NO_VALUE, 5, Outcome.TIMED_OUT)
    assert acquire.object is not None
    assert (acquire.object.name, acquire.object.label) == ("num", "lock")
    assert acquire.object.thread == trace.threads[0]
    assert trace.threads[1].parent is trace.threads[0]
    assert (trace.threads[1].name, trace.threads[1].daemon) == ("Worker", True)


@pytest.mark.parametrize(
    ("tag", "bits", "value"),
    [
        (0, 0, NO_VALUE),
        (1, 0, None),
        (2, 0, False),
        (3, 0, True),
        (4, 2**63, -(2**63)),
        (5, struct.unpack("<Q", struct.pack("<d", 0.1))[0], 0.1),
        (6, 1, "num"),
        (7, 1, b"num"),
        (6, 99, NO_VALUE),  # a string whose definition was lost
        (8, 99 << 32, Ref("object")),
        (16, 0, ""),
        (20, int.from_bytes("zwö".encode(), "little"), "zwö"),
        (24, int.from_bytes(b"12345678", "little"), "12345678"),
        (32, 0, b""),
        (34, 0, b"\0\0"),
        (40, 2**64 - 1, b"\xff" * 8),
    ],
)
def test_values(spool: Spool, tag: int, bits: int, value: object) -> None:
    spool.thread(1, 1, record(1, Op.OUTPUT, tag=tag, value=bits))
    (event,) = made(spool).events
    assert event.value == value
    assert type(event.value) is type(value)


def test_tsc_ticks_become_ns(spool: Spool) -> None:
    spool.page(clock=1, first=(5_000, 100), latest=(8_000, 1_100))
    spool.thread(1, 1, *(record(i, Op.SET, ticks=5_000 + 300 * i) for i in range(1, 6)))
    times = [event.t for event in made(spool).events]
    assert times == pytest.approx([100, 200, 300, 400, 500], abs=1)


def test_an_unfinished_or_torn_record_is_the_end(spool: Spool) -> None:
    unfinished = struct.pack("<QQIIQ", 0, 1234, 1, 1, 5)
    spool.thread(1, 1, record(1, Op.SET), unfinished)
    spool.thread(1, 2, record(3, Op.SET), record(4, Op.SET)[:20], zeros=0)
    spool.thread(1, 3, record(5, Op.SET), short(Op.SET << 4 & 0xFF)[:7], zeros=0)
    spool.thread(1, 4, zeros=0)
    assert [event.seq for event in made(spool).events] == [1, 3, 5]


def test_a_short_record_is_like_the_last_of_its_slot(spool: Spool) -> None:
    slot = 3 ^ Op.WRITE << 4
    spool.thread(
        1,
        1,
        record(1, Op.WRITE, ticks=1100, site=3, tag=4, value=10),
        record(2, Op.READ, ticks=1200, site=3, tag=4, value=99),
        short(slot, later=2, ticks=50, value=-13),
        short(0, later=0),
        short(slot, value=32767),
        short(77),  # damage: nothing was in this slot
        *[short(slot, value=-1)] * 50_000,
    )
    events = made(spool).events
    assert [event.seq for event in events[:5]] == [1, 2, 4, 5, 6]
    assert [event.op for event in events[:5]] == [Op.WRITE, Op.READ, Op.WRITE, Op.WRITE, Op.WRITE]
    assert [event.value for event in events[:5]] == [10, 99, -3, 32764, 32763]
    assert [event.t for event in events[:5]] == [100, 200, 250, 250, 250]
    assert (len(events), events[-1].value) == (50_004, 32764 - 50_000)


def test_no_record_is_lost_or_doubled_where_a_block_was_being_put_away(spool: Spool) -> None:
    count = 2 * (BLOCK // 8)
    first = record(1, Op.WRITE, site=3, tag=4)
    spool.thread(1, 1, first, *[short(3 ^ Op.WRITE << 4, value=1)] * (count - 1))
    path = spool.path / "p1.t1.events"
    data = path.read_bytes()

    def values() -> list[object]:
        return [event.value for event in made(spool).events]

    assert values() == list(range(count))
    # Half of it copied: the first block still counts.
    path.write_bytes(data + data[: BLOCK // 2])
    assert values() == list(range(count))
    # Copied, and half of the first block cleared.
    end = BLOCK + len(data) // BLOCK * BLOCK
    head = struct.pack("<Q", 2 * (len(data) // BLOCK) | 1)
    cleared = head + bytes(BLOCK // 2 - HEAD) + data[BLOCK // 2 : BLOCK]
    path.write_bytes((cleared + data[BLOCK:]).ljust(end - BLOCK, b"\0") + data[:BLOCK])
    assert values() == list(range(count))


def test_records_turned_around_by_a_signal_handler_are_put_right(spool: Spool) -> None:
    spool.thread(1, 1, *(record(seq, Op.SET) for seq in (1, 3, 2, 4)))
    assert [event.seq for event in made(spool).events] == [1, 2, 3, 4]


def test_damaged_records_are_counted(spool: Spool) -> None:
    spool.thread(1, 1, record(1, Op.SET), record(2, 99), record(5, Op.SET))
    spool.thread(1, 2, record(5, Op.CLEAR))
    counts = fileformat.write_spool(spool.path, spool.path.with_name("out.msgpack"))
    assert (counts["events"], counts["dropped"], counts["threads"]) == (2, 2, 2)


def test_long_files_are_read_to_their_end(tmp_path: Path) -> None:
    path = random_trace(tmp_path, 20_000, seed=5)
    trace = tracer.load(path)
    assert len(trace.events) == 20_000
    seqs = [row[0] for row in trace.core.events(0, 20_000)]
    assert seqs == sorted(set(seqs))


def test_a_torn_definitions_log_is_read_as_far_as_it_goes(spool: Spool) -> None:
    spool.thread(1, 1, record(1, Op.WRITE, target=1, site=1, tag=4, value=3))
    log = spool.path / "p1.defs"
    whole = log.read_bytes()
    for length in range(len(whole)):
        log.write_bytes(whole[:length])
        (event,) = made(spool).events
        assert (event.op, event.value, event.thread.path) == (Op.WRITE, 3, "main")
    log.write_bytes(whole[:-1])
    assert made(spool).notes == ("the definitions of process 1 are incomplete",)
    log.write_bytes(whole + bytes(4) + b"x" * 100)  # a length of 0 is the end
    assert made(spool).notes == ()


def test_noise_in_a_spool_never_breaks_the_trace(tmp_path: Path) -> None:
    spool = random_spool(tmp_path / "spool", 300)
    rng = random.Random(3)
    files = [path for path in spool.path.iterdir() if path.suffix in (".defs", ".events")]
    whole = {path: path.read_bytes() for path in files}
    for _ in range(300):
        path = rng.choice(files)
        data = bytearray(whole[path])
        for _ in range(rng.choice((1, 10))):
            data[rng.randrange(min(len(data), 5000))] = rng.randrange(256)
        path.write_bytes(data)
        trace = made(spool)
        assert len(trace.events[:]) == len(trace.events)
        path.write_bytes(whole[path])


def test_a_spool_without_end_or_with_nothing_in_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    (spool.path / "end.json").write_text('{"exit_sta')
    (spool.path / "page").unlink()
    trace = made(spool)
    assert len(trace.events) == 0
    assert trace.notes == ("nothing was recorded",)
    assert trace.header["argv"] == ["race.py"]


def test_a_full_disk_during_the_run_is_noted(spool: Spool) -> None:
    spool.page(failed=errno.ENOSPC)
    (note,) = made(spool).notes
    assert "No space left on device" in note


CHILD: list[tuple[object, ...]] = [
    (6, "main.1/p1", 78, "fork", "Process-1"),
    (5, 1, "main.1/p1", "MainThread", 0, False),
]
TOLD = (11, *CHILD[0][1:])  # what its parent tells of it


def test_processes_share_strings_and_sites_but_no_memory(spool: Spool) -> None:
    mine = [entry for entry in TWO_THREADS if entry[0] not in (5, 6)]
    spool.define(2, [*CHILD, *mine])
    spool.json("end.json", {"exit_status": {"1": 0, "2": -9}})
    spool.thread(1, 1, record(1, Op.WRITE, target=1, site=2))
    spool.thread(2, 1, record(2, Op.WRITE, target=1, site=2))
    trace = made(spool)
    parent, child = trace.events
    assert [(p.path, p.pid, p.exit_status) for p in trace.processes] == [
        ("main", 77, 0),
        ("main.1/p1", 78, -9),
    ]
    assert (trace.processes[1].parent, trace.processes[1].name) == (trace.processes[0], "Process-1")
    assert child.thread.parent is trace.threads[1]
    assert child.thread.label == "Process-1/MainThread"
    assert child.thread.process is trace.processes[1]
    assert len(trace.sites) == 2
    assert parent.site is child.site
    assert child.target == parent.target == "num"
    assert parent.location != child.location


def test_a_forked_process_goes_on_with_the_strings_and_sites_it_had(spool: Spool) -> None:
    strings, sites = max(e[1] for e in TWO_THREADS if e[0] == 1), 2  # type: ignore[type-var]
    spool.define(1, [(1, strings + 1, "only the parent's"), TOLD, (10, 78, 3)])
    spool.define(2, [(9, 1, strings, sites), *CHILD, (1, strings + 1, "mine")])
    spool.define(2, [(4, 1, 1, 0, 3, strings + 1, None)])
    spool.thread(2, 1, record(2, Op.WRITE, target=1, site=2))
    trace = made(spool)
    (event,) = trace.events
    assert event.site is trace.sites[1]
    assert event.target.endswith("mine")
    assert trace.processes[1].exit_status == 3


def test_what_processes_share_is_one_object_with_one_set_of_locations(spool: Spool) -> None:
    kind = 1 + max(e[1] for e in TWO_THREADS if e[0] == 1)  # type: ignore[operator, type-var]
    location = (4, 9, 2, 9, 0, kind, None)
    spool.define(1, [(1, kind, "Value"), (1, kind + 1, "1:9")])
    spool.define(1, [(3, 9, 0, 0, 0, 0, 0), (8, 9, kind + 1), location])
    spool.define(2, [*CHILD, (1, 50, "1:9"), (1, 51, "Value"), (1, 52, "Value")])
    spool.define(2, [(3, 1, 51, 0, 1, 1, 0), (8, 1, 50), (4, 1, 2, 1, 0, 52, None)])
    spool.thread(1, 1, record(1, Op.WRITE, target=9))
    spool.thread(2, 1, record(2, Op.WRITE, target=1))
    trace = made(spool)
    first, second = trace.events
    assert first.location is second.location
    assert first.location is not None
    assert first.location.object is not None
    assert first.location.object.kind == "Value"
    assert first.location.object.thread is second.thread


def test_a_pid_that_comes_twice_is_that_of_the_earlier_process_first(spool: Spool) -> None:
    other = [(6, "main/p2", 78, "fork", "Process-2"), (5, 1, "main/p2", "MainThread", 0, False)]
    spool.define(2, CHILD)
    spool.define(3, other)
    spool.json("end.json", {"exit_status": {"1": 0}, "reaped": [[78, -9], [79, 1]]})
    assert [process.exit_status for process in made(spool).processes] == [0, -9, None]
    spool.define(1, [TOLD, (10, 78, 3)])
    assert [process.exit_status for process in made(spool).processes] == [0, 3, -9]
    spool.define(1, [(11, *other[0][1:]), (10, 78, 4)])
    assert [process.exit_status for process in made(spool).processes] == [0, 3, 4]


def test_a_process_that_told_nothing_is_known_by_its_parent(spool: Spool) -> None:
    spool.define(1, [TOLD, (11, "main/p1", 79, "spawn", "worker"), (10, 78, -9)])
    spool.define(2, [(6, "main/p2", 80, "fork", "other")])
    spool.define(3, [])  # one of the two had begun
    spool.json("end.json", {"reaped": [[79, 7]]})
    trace = made(spool)
    assert [(p.path, p.pid, p.start_method, p.name, p.exit_status) for p in trace.processes] == [
        ("main", 77, "", "MainProcess", None),
        ("main/p2", 80, "fork", "other", None),
        ("main.1/p1", 78, "fork", "Process-1", -9),
        ("main/p1", 79, "spawn", "worker", 7),
    ]
    assert {process.parent for process in trace.processes[1:]} == {trace.processes[0]}
    assert {thread.process for thread in trace.threads} == {trace.processes[0]}


def test_two_sites_at_one_place_stay_two(spool: Spool) -> None:
    spool.define(1, [(2, 3, 2, 10, 5, 10, 14, 3, 1, True, [2], [])])
    trace = made(spool)
    assert [site.sources for site in trace.sites] == [(), (1,), (2,)]


def test_a_redefined_row_replaces_the_first(spool: Spool) -> None:
    spool.define(1, [(5, 2, "main.1", "Renamed", 1, True)])
    assert made(spool).threads[1].name == "Renamed"


def test_names_that_are_not_utf8_survive(spool: Spool) -> None:
    spool.json("run.json", {"argv": ["\udcff"]})
    assert made(spool).header["argv"] == ["\udcff"]


def test_the_trace_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    spool = random_spool(tmp_path / "spool", 20_000)
    out = tmp_path / "out.msgpack"
    out.write_bytes(b"what was there")
    script = """
        import resource, sys
        from tracer import fileformat
        from tracer.errors import TraceFileError
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            fileformat.write_spool(*sys.argv[1:])
        except TraceFileError as error:
            print(error)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(spool.path), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (f"cannot write {out} (the spool {spool.path} is kept): File too large\n")
    assert out.read_bytes() == b"what was there"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.msgpack", "spool"]


def test_errors_name_the_place(tmp_path: Path, spool: Spool) -> None:
    with pytest.raises(TraceFileError, match="missing: No such file"):
        fileformat.write_spool(tmp_path / "missing", tmp_path / "out")
    with pytest.raises(TraceFileError, match=r"cannot write .*nowhere.*No such file"):
        fileformat.write_spool(spool.path, tmp_path / "nowhere" / "out")
    (spool.path / "page").write_bytes(b"x" * 4096)
    with pytest.raises(TraceFileError, match="spool: its page is not one of racetrace"):
        made(spool)


@pytest.mark.parametrize("name", ["p1.defs", "p1.t1.events", "page", "end.json", "run.json"])
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, name: str, kind: str) -> None:
    spool = random_spool(tmp_path / "t.msgpack.spool", 50).path
    (spool / name).unlink()
    match kind:
        case "pipe":
            os.mkfifo(spool / name)
        case "device":
            (spool / name).symlink_to("/dev/zero")
        case _:
            (spool / name).mkdir()
    # It fails with one of our own errors, or makes a trace of the rest.
    with contextlib.suppress(TracerError):
        supervisor.recover(spool)
        tracer.load(tmp_path / "t.msgpack")
