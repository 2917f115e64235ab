"""Memory that processes share: its variables are one in all of them; races on them are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_processes import METHODS, recorded_source
from test_processes_locks import START

import tracer
from tracer import NO_VALUE, LocationKind, Op


def recorded(folder: Path, source: str, method: str) -> tracer.Trace:
    return recorded_source(folder, START + source, method).trace


def kinds(trace: tracer.Trace) -> list[tuple[str, str]]:
    return sorted((f.kind, f.location.name if f.location else "") for f in trace.findings())


COUNTER = """
def work(number, counter):
    for _ in range(50):
        {step}
if __name__ == "__main__":
    counter = context.Value("i", 0)
    run(3, work, counter)
    {end}
"""


@pytest.mark.parametrize("method", METHODS)
def test_an_unlocked_counter_loses_updates(tmp_path: Path, method: str) -> None:
    source = COUNTER.format(step="counter.value += 1", end="counter.value")
    trace = recorded(tmp_path, source, method)
    assert kinds(trace) == [("lost-update", "counter.value")]
    (row,) = [row for row in trace.locations if row.name == "counter.value"]
    assert row.kind is LocationKind.ATTRIBUTE
    written = [e.thread.process.path for e in trace.events.filter(location=row, op=Op.WRITE)]
    assert sorted(set(written)) == ["main/p1", "main/p2", "main/p3"]
    assert len(written) == 150


@pytest.mark.parametrize("method", METHODS)
def test_a_locked_counter_is_clean(tmp_path: Path, method: str) -> None:
    step = "with counter.get_lock(): counter.value += 1"
    trace = recorded(tmp_path, COUNTER.format(step=step, end="print(counter.value)"), method)
    assert trace.findings() == []


@pytest.mark.parametrize("method", METHODS)
def test_memory_without_a_lock(tmp_path: Path, method: str) -> None:
    source = """
def work(number, raw, array, point):
    raw.value += 1
    array[-1] += 1.5
    array[0:2] = [number, number]
if __name__ == "__main__":
    raw = context.RawValue("i", 7)
    array = context.RawArray("d", 3)
    point = context.Array("i", [1, 2, 3], lock=False)
    run(2, work, raw, array, point)
    print(array[0] == array[1])
"""
    trace = recorded(tmp_path, source, method)
    found = {name for kind, name in kinds(trace) if kind in ("lost-update", "data-race")}
    assert {"raw.value", "array[2]"} <= found
    # Of two plain writes only the order is open.
    (note,) = (n for n in trace.verdict().notes if n.kind == "unordered-accesses")
    assert "array[0]" in note.text
    assert [row.kind for row in trace.objects if row.name in ("raw", "array", "point")] == [
        "RawValue",
        "RawArray",
        "Array",
    ]


@pytest.mark.parametrize("method", METHODS)
def test_every_read_returns_what_was_written_last(tmp_path: Path, method: str) -> None:
    """The order in the log is the order in memory, across processes."""
    source = """
def work(number, raw, wrapped):
    for i in range(400):
        raw.value = number * 1000 + i
        raw.value
        wrapped.value = number * 1000 + i
        wrapped.value
if __name__ == "__main__":
    raw = context.RawValue("i", 0)
    wrapped = context.Value("i", 0)
    raw.value = wrapped.value = 9
    run(3, work, raw, wrapped)
"""
    trace = recorded(tmp_path, source, method)
    for name in ("raw.value", "wrapped.value"):
        last: object = None
        count = 0
        for event in trace.events.filter(location=name, op=(Op.READ, Op.WRITE)):
            if event.op is Op.READ:
                assert event.value == last
                count += 1
            last = event.value
        assert count == 1200


@pytest.mark.parametrize("method", METHODS)
def test_arrays_behind_a_lock(tmp_path: Path, method: str) -> None:
    source = """
def work(number, array, text):
    array[number] = number
    with array.get_lock():
        array[2] += 1
    with text:
        text.value = b"from %d" % number
if __name__ == "__main__":
    array = context.Array("i", 3)
    text = context.Array("c", 10)
    run(2, work, array, text)
    print(array[:], sum(array), len(array), text.value[:5])
"""
    trace = recorded(tmp_path, source, method)
    assert trace.findings() == []
    writers = {
        name: [e.thread.process.path for e in trace.events.filter(location=name, op=Op.WRITE)]
        for name in ("array[0]", "array[1]", "array[2]", "text.value")
    }
    assert writers["array[0]"] == ["main/p1"]
    assert writers["array[1]"] == ["main/p2"]
    assert sorted(writers["array[2]"]) == sorted(writers["text.value"]) == ["main/p1", "main/p2"]


def test_a_structure_and_errors_look_as_without_us(tmp_path: Path) -> None:
    source = """
import ctypes, traceback
from multiprocessing import sharedctypes
class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]
def work(number, points, point):
    points[number].x += 1
    with point:
        point.x += 1.0
if __name__ == "__main__":
    points = context.Array(Point, [(1, 2), (3, 4)], lock=False)
    point = context.Value(Point, 1, 2)
    run(2, work, points, point)
    print(points[0].x, point.x, point.y)
    for code in ("point.x = 'a'", "value.value = 'a'", "array[9]", "array['a'] = 1"):
        value, array = context.Value("i", 1), context.Array("i", 2)
        try:
            exec(code)
        except Exception:
            print(traceback.format_exc())
"""
    trace = recorded(tmp_path, source, "fork")
    assert ("lost-update", "point.x") not in kinds(trace)
    writes = trace.events.filter(location="point.x", op=Op.WRITE)
    assert [e.thread.process.path for e in writes].count("main") == 0


@pytest.mark.parametrize("method", METHODS)
def test_lists_in_named_memory(tmp_path: Path, method: str) -> None:
    source = """
from multiprocessing import shared_memory
def work(number, name, items):
    mine = shared_memory.ShareableList(name=name)
    mine[0] += 1
    items[1] = number
    mine.shm.close()
if __name__ == "__main__":
    items = shared_memory.ShareableList([1, 2, "text"])
    run(2, work, items.shm.name, items)
    print(items[2])
    items.shm.close()
    items.shm.unlink()
"""
    trace = recorded(tmp_path, source, method)
    assert len([row for row in trace.objects if row.kind == "ShareableList"]) == 1
    assert ("lost-update", "items[0]") in kinds(trace)
    writers = {e.thread.path for e in trace.events.filter(location="items[1]", op=Op.WRITE)}
    assert writers == {"main/p1", "main/p2"}
    used = [e for e in trace.events if e.op in (Op.OPEN, Op.CLOSE) and e.thread.path == "main"]
    assert [e.value for e in used] == ["create", NO_VALUE, "unlink"]


@pytest.mark.parametrize("method", METHODS)
def test_attaching_and_unlinking_memory(tmp_path: Path, method: str) -> None:
    source = """
from multiprocessing.shared_memory import SharedMemory
def work(number, name):
    memory = SharedMemory(name)
    memory.buf[0] = 5
    memory.close()
if __name__ == "__main__":
    memory = SharedMemory(create=True, size=16)
    run(1, work, memory.name)
    print(memory.buf[0])
    memory.close()
    memory.unlink()
"""
    trace = recorded(tmp_path, source, method)
    (row,) = [row for row in trace.objects if row.kind == "SharedMemory"]
    assert [(e.thread.path, e.op, e.value) for e in trace.events.filter(object=row)] == [
        ("main", Op.OPEN, "create"),
        ("main/p1", Op.OPEN, "attach"),
        ("main/p1", Op.CLOSE, NO_VALUE),
        ("main", Op.CLOSE, NO_VALUE),
        ("main", Op.CLOSE, "unlink"),
    ]
    assert trace.findings() == []


RAW_MEMORY = """
from multiprocessing.shared_memory import SharedMemory
def work(number, name, lock):
    memory = SharedMemory(name)
    for i in range(50):
        {step}
    bytes(memory.buf[4:8])
    memory.buf[8 + number] = number
    memory.close()
if __name__ == "__main__":
    memory = SharedMemory(create=True, size=16)
    assert memory.buf[0] == 0 and len(memory.buf[4:8].tolist()) == 4
    for key, value in (99, 0), (0, 999), (slice(0, 2), b"x"), ("x", 0):
        try:
            memory.buf[key] = value
        except Exception as error:
            print(type(error), error)
    try:
        memory.buf[-99]
    except IndexError as error:
        print(error)
    run(3, work, memory.name, context.Lock())
    memory.buf[0]
    memory.close()
    memory.unlink()
"""


@pytest.mark.parametrize("method", METHODS)
def test_bytes_of_named_memory(tmp_path: Path, method: str) -> None:
    trace = recorded(tmp_path, RAW_MEMORY.format(step="memory.buf[0] += 1"), method)
    assert kinds(trace) == [("lost-update", "memory[0]")]
    last: object = 0
    for event in trace.events.filter(location="memory[0]"):
        if event.op is Op.READ:
            assert event.value == last
        last = event.value
    (one,) = trace.events.filter(location="memory[10]", op=Op.WRITE)
    assert one.value == 2


@pytest.mark.parametrize("method", METHODS)
def test_bytes_of_named_memory_under_a_lock(tmp_path: Path, method: str) -> None:
    step = "with lock: memory.buf[0] += 1; memory.buf[1:3] = b'xy'"
    assert recorded(tmp_path, RAW_MEMORY.format(step=step), method).findings() == []
