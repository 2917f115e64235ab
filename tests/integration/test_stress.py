"""Fifty threads at once: no event is lost, doubled, or out of its thread's order."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import run

from tracer import Op

pytestmark = pytest.mark.one_version

THREADS = 50
OPERATIONS = 10_000

PROGRAM = f"""
import sys, threading
sys.setswitchinterval(1e-5)
value = -1
def work(first):
    global value
    for number in range(first, first + {OPERATIONS}):
        value = number
        value
threads = [threading.Thread(target=work, args=(n * {OPERATIONS},)) for n in range({THREADS})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_every_access_is_recorded_once_and_in_order(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    trace = run(tmp_path, "p.py").trace
    written: dict[str, list[object]] = {}
    reads = 0
    last: object = None
    sequence = 0
    for event in trace.events:
        assert event.seq > sequence
        sequence = event.seq
        if event.location is None or not event.location.name.endswith("value"):
            continue
        if event.op == Op.WRITE:
            last = event.value
            written.setdefault(event.thread.path, []).append(event.value)
        else:
            assert event.op == Op.READ
            assert event.value == last
            reads += 1
    assert written.pop("main") == [-1]
    assert reads == THREADS * OPERATIONS
    for number in range(THREADS):
        first = number * OPERATIONS
        assert written[f"main.{number + 1}"] == list(range(first, first + OPERATIONS))
