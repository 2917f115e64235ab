"""`trace replay` of what a program records of itself: `tracer.record()`, and recorded tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import TRACE, invoke

import tracer

pytestmark = pytest.mark.one_version

COUNTING = """
import threading
import time

lock = threading.Lock()  # older than any recording

class Counter:
    def __init__(self):
        self.n = 0

    def bump(self):
        seen = self.n
        time.sleep(0.0001)
        with lock:
            self.n = seen + 1

def run(*targets):
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""
TESTS = """
import queue
import random
import threading
import time

import counting
import pytest

turn, condition = 0, threading.Condition()

def play(me):
    global turn
    for _ in range(5):
        with condition:
            while turn % 2 != me:
                condition.wait(1)
            turn += 1
            condition.notify()

@pytest.mark.trace
def test_marked():
    counter = counting.Counter()
    counting.run(*[counter.bump] * 8)
    assert counter.n == "marked"

class TestBlocks:
    @pytest.mark.parametrize("what", ["a b", "c/d"])
    def test_second(self, trace_recorder, what, tmp_path):
        with trace_recorder:
            counting.run(counting.Counter().bump)
        assert trace_recorder.trace.findings() == []
        counter = counting.Counter()
        with trace_recorder:
            counting.run(*[counter.bump] * 8)
            drawn = random.random(), time.time()
        assert len(trace_recorder.trace.findings()) == 1
        assert counter.n == what, drawn

@pytest.mark.trace
def test_condition():
    done, order = queue.Queue(), []
    def work(me):
        play(me)
        done.put(me)
        order.append(done.get())
    counting.run(lambda: work(0), lambda: work(1))
    assert order == [threading.current_thread()]
"""
PROGRAM = """
import sys, threading, time
import tracer

forever = threading.Lock()
forever.acquire()

def work(threads):
    import counting
    counter = counting.Counter()
    counting.run(*[counter.bump] * threads)
    threading.Thread(target=forever.acquire, daemon=True).start()
    return counter.n, time.time()

with tracer.record("one.msgpack", roots=["."]):
    print(work(8))
with tracer.record("two.msgpack", roots=["."]):
    print(work(9), sys.argv)
forever.release()
worker = threading.Thread(target=time.sleep, args=(0.001,))
worker.start()
worker.join()
print("ends")
"""


def python(folder: Path, *arguments: object, expect: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout


def replay(folder: Path, *arguments: object, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = invoke(folder, "replay", *arguments)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    suite = tmp_path / "suite"
    suite.mkdir()
    (suite / "pytest.ini").write_text("[pytest]\n")
    (suite / "counting.py").write_text(COUNTING)
    (suite / "test_them.py").write_text(TESTS)
    return suite


def failing(suite: Path, *options: str) -> tuple[str, list[Path]]:
    """Runs the tests, which all fail; what pytest says, and the traces it keeps."""
    output = python(suite, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, expect=1)
    assert "4 failed" in output
    kept = sorted((suite / "failed-traces").iterdir())
    assert len(kept) == 4
    return output, kept


def failures(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("E  ") and "assert" in line]


def test_failed_tests_are_replayed(suite):
    output, kept = failing(suite)
    whole = failures(output)
    for trace in kept:
        before = trace.read_bytes()
        assert f"to reproduce it: trace replay {trace.relative_to(suite)}" in output
        done = replay(suite, "--times", 2, trace)
        assert done.stderr.count("as recorded") == 2
        again = failures(done.stdout)
        assert len(again) == 2
        # Where the failure names objects their addresses differ.
        assert "condition" in trace.name or all(line in whole for line in again)
        assert trace.read_bytes() == before


def test_tests_of_pytest_xdist_and_of_another_folder_are_replayed(suite, tmp_path):
    (suite / "test_a_plain.py").write_text("import counting\ndef test_it(): assert counting")
    python(tmp_path, "-m", "pytest", "-q", "-n", "2", "--color=no", "suite", expect=1)
    kept = sorted((suite / "failed-traces").iterdir())
    assert len(kept) == 4
    for trace in kept:
        assert "as recorded" in replay(tmp_path, trace).stderr


def test_modules_that_were_imported_too_early_are_replayed(suite):
    (suite / "test_a_plain.py").write_text("import counting\ndef test_it(): assert counting")
    _, kept = failing(suite)
    assert "as recorded" in replay(suite, kept[-1]).stderr


def test_an_edited_test_diverges(suite):
    _, kept = failing(suite)
    counting = suite / "counting.py"
    counting.write_text(COUNTING.replace("seen + 1", "seen + 2"))
    done = replay(suite, kept[-1], expect=1)
    assert "diverged" in done.stderr
    assert "different: value" in done.stderr
    (suite / "test_them.py").write_text("import missing")
    done = replay(suite, kept[-1], expect=3)
    assert "trace: error: the program ended with 4 before recording 1 began" in done.stderr


def test_a_failed_test_becomes_a_trace_that_must_not_come_back(suite):
    _, kept = failing(suite)
    traces = suite / "traces"
    traces.mkdir()
    trace = Path(shutil.copy(kept[-1], traces / "marked.msgpack"))
    done = subprocess.run([*TRACE, "check", "--save-expected", "--fixed", trace], cwd=suite)
    assert done.returncode == 0
    # In another checkout.
    there = suite.rename(suite.with_name("there"))
    arguments = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "traces", "--traces", "traces"]
    assert "still there: Lost update" in python(there, *arguments, expect=1)
    whole = "        with lock:\n            self.n = seen + 1"
    (there / "counting.py").write_text(
        COUNTING.replace(whole, "            self.n = seen + 1").replace(
            "        seen = self.n\n        time",
            "        with lock:\n            seen = self.n\n            time",
        )
    )
    assert "1 passed" in python(there, *arguments)


def test_parts_of_a_program_are_replayed(suite):
    (suite / "program.py").write_text(PROGRAM)
    lines = python(suite, "program.py", "x y").splitlines()
    for number, name in enumerate(("one", "two")):
        trace = suite / f"{name}.msgpack"
        before = trace.read_bytes()
        done = replay(suite, "--record", f"again-{name}.msgpack", trace)
        again = done.stdout.splitlines()
        assert again[number] == lines[number]
        assert again[-1] == lines[-1] == "ends"
        assert trace.read_bytes() == before
        copy = tracer.load(suite / f"again-{name}.msgpack")
        assert len(copy.events) == len(tracer.load(trace).events)
        shutil.move(suite / f"again-{name}.msgpack", suite / f"copy-{name}.msgpack")
        assert "as recorded" in replay(suite, suite / f"copy-{name}.msgpack").stderr


def test_a_part_that_is_not_reached_is_an_error(suite):
    (suite / "program.py").write_text(PROGRAM)
    python(suite, "program.py", "x")
    (suite / "program.py").write_text("print('other')")
    done = replay(suite, "one.msgpack", expect=3)
    said = done.stderr.splitlines()[-1]
    assert said == "trace: error: the program ended with 0 before recording 1 began"
    assert not list(suite.glob("*.spool"))
