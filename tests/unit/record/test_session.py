"""The recorder's own life: start, threads, deaths of objects, a full disk."""

import resource
import struct
import subprocess
import sys
import threading

import pytest
from spool import THREAD, definitions, records

from tracer import _core
from tracer.events import NO_VALUE, GapKind, Op, Outcome
from tracer.instrument.description import Role


def test_codes_are_those_of_the_core():
    assert [(op.label, int(op)) for op in Op] == _core.OPS


def test_python_and_the_core_agree_on_the_words_of_the_spool() -> None:
    assert sorted(GapKind) == sorted(_core.spool.GAPS)
    assert [(role.name.lower(), int(role)) for role in Role] == _core.spool.FLOW_ROLES
    with pytest.raises(ValueError, match="no gap strange"):
        _core.record.gap("strange", "")
    assert NO_VALUE is not None
    assert max(Outcome) < 16  # four bits of a record


def test_second_start_is_refused(recording, tmp_path):
    with recording(), pytest.raises(OSError, match="already recording"):
        _core.record.start(tmp_path, 1, "main", True)


def test_every_event_of_every_thread_is_there_in_order(recording):
    per_thread, count = 20_000, 8

    def work(thread_id):
        _core.record.enter_thread(thread_id)
        for i in range(per_thread):
            _core.record.emit(Op.QSIZE, 0, 0, i)
        _core.record.leave_thread()

    with recording() as spool:
        ids = [_core.record.new_thread(f"t{i}", False, "Thread")[0] for i in range(count)]
        threads = [threading.Thread(target=work, args=(number,)) for number in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = [r for r in records(spool) if r.op is Op.QSIZE]
    assert len(found) == per_thread * count
    assert len({r.seq for r in found}) == len(found)
    for number in ids:
        assert [r.bits for r in found if r.thread == number] == list(range(per_thread))


def test_records_however_they_differ_from_the_one_before(recording):
    values = [0, 1, 1, -1, 32767, 65534, 65535, -(2**63), 2**63 - 1, 0, 40_000, 7232, 7232, 1.5]
    calls = [
        (Op.QSIZE if i % 3 else Op.FULL, i // 5 % 2, Outcome(i % 7 // 6), values[i % len(values)])
        for i in range(30_000)  # several windows
    ]

    with recording() as spool:
        for call in calls:
            _core.record.emit(*call)
    floats = {struct.unpack("<Q", struct.pack("<d", 1.5))[0]: 1.5}
    found = [r for r in records(spool) if r.op in (Op.QSIZE, Op.FULL)]
    assert [r.seq for r in found] == list(range(found[0].seq, found[0].seq + len(calls)))
    assert calls == [
        (
            r.op,
            r.target,
            r.outcome,
            floats[r.bits] if r.tag == 5 else r.bits - (r.bits >> 63 << 64),
        )
        for r in found
    ]


def test_threads_are_named_by_the_path_of_their_making(recording):
    with recording() as spool:
        first, _ = _core.record.new_thread("a", False, "Thread")

        def child():
            _core.record.enter_thread(first)
            _core.record.new_thread("c", True, "Thread")
            _core.record.leave_thread()

        thread = threading.Thread(target=child)
        thread.start()
        thread.join()
        _core.record.new_thread("b", False, "Thread")
    paths = {row[1]: row[0] for row in definitions(spool, THREAD).values()}
    assert paths == {"MainThread": "main", "a": "main.1", "c": "main.1.1", "b": "main.2"}


def test_deep_nesting_dies_without_overflowing_the_stack(recording):
    with recording():
        for make in (lambda x: [x], lambda x: {1: x}, lambda x: (x, [x])):
            deep = None
            for _ in range(200_000):
                deep = make(deep)
            del deep


FULL = """
import sys
from tracer import _core
_core.record.start(sys.argv[1], 1, "main", True)
for i in range(100_000):
    _core.record.emit(40, 0, 0, i)
print(_core.record.recording(), "the program goes on")
"""


def test_full_disk_stops_the_recording_and_not_the_program(tmp_path):
    limit = 300_000

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited,
    )
    assert done.stdout == "False the program goes on\n", done.stderr
    assert done.returncode == 0
    kept = [r for r in records(tmp_path) if r.op is Op.SLEEP]
    assert len(kept) > 1000
    assert [r.bits for r in kept] == list(range(len(kept)))
