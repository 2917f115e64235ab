"""Small suites of tests, and real runs of pytest over them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

APP = """
import threading

class Counter:
    def __init__(self):
        self.n = 0

    def bump(self):
        seen = self.n
        self.n = seen + 1

def count(counter, bump, threads=3):
    workers = [threading.Thread(target=bump) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
"""
RACY = """
import app
import pytest
from tracer.testing import assert_no_races

total = 0

def bump():
    global total
    total += 1

@pytest.mark.trace
def test_marked():
    app.count(None, bump)
    assert total + 1 == 0

def test_with_block(trace_recorder):
    counter = app.Counter()
    with trace_recorder:
        app.count(counter, counter.bump)
    assert counter.n == 3
    assert_no_races(trace_recorder.trace)
"""
CLEAN = """
import threading
import app
import pytest
from tracer.testing import assert_happens_before, assert_no_findings

@pytest.mark.trace
def test_marked():
    app.count(None, lambda: None)

def test_with_block(trace_recorder):
    counter, lock = app.Counter(), threading.Lock()
    def bump():
        with lock:
            counter.bump()
    with trace_recorder:
        app.count(counter, bump)
    trace = trace_recorder.trace
    assert trace.findings() == []
    assert_no_findings(trace)
    reads = list(trace.events.filter(op="read", location="Counter.n"))
    assert [event.value for event in reads] == [0, 1, 2]
    assert_happens_before(trace, reads[0], reads[2])
"""


def run(suite: Path, *args: str, expect: int) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *args]
    # Its own place for temporary files: only those of the last three runs on a machine are kept.
    own = {**os.environ, "PYTEST_DEBUG_TEMPROOT": str(suite)}
    done = subprocess.run(command, cwd=suite, env=own, capture_output=True, text=True, timeout=120)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout
