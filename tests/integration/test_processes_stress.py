"""Eight processes of four threads each: no event is lost, doubled, or out of its thread's order."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_processes import METHODS, recorded_source

from tracer import Op

pytestmark = pytest.mark.one_version

PROCESSES, THREADS, OPERATIONS = 8, 4, 5000

PROGRAM = f"""
import threading
class Cell:
    value = -1
cell = Cell()
def write(first):
    for number in range(first, first + {OPERATIONS}):
        cell.value = number
def work(first):
    threads = [
        threading.Thread(target=write, args=(first + n * {OPERATIONS},)) for n in range({THREADS})
    ]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
if __name__ == "__main__":
    step = {THREADS * OPERATIONS}
    children = [context.Process(target=work, args=(n * step,)) for n in range({PROCESSES})]
    for child in children: child.start()
    for child in children: child.join()
"""


@pytest.mark.parametrize("method", METHODS)
def test_every_thread_of_every_process_is_recorded_in_order(tmp_path: Path, method: str) -> None:
    trace = recorded_source(tmp_path, PROGRAM, method).trace
    written: dict[str, list[object]] = {}
    sequence = 0
    for event in trace.events.filter(op=Op.WRITE):
        assert event.seq > sequence
        sequence = event.seq
        if event.location is not None and event.location.name.endswith(".value"):
            written.setdefault(event.thread.path, []).append(event.value)
    for process in range(PROCESSES):
        for thread in range(THREADS):
            first = (process * THREADS + thread) * OPERATIONS
            path = f"main/p{process + 1}.{thread + 1}"
            assert written.pop(path) == list(range(first, first + OPERATIONS))
    assert written == {}
