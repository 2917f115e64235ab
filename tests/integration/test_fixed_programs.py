"""`trace check --save-expected --fixed`: a trace of a bug, replayed against the fixed program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import environment, invoke

pytestmark = pytest.mark.one_version

BUGGY = """
import threading, time

num = 10


def work():
    global num
    taken = num
    time.sleep(0.001)
    num = taken - 1


threads = [threading.Thread(target=work) for _ in range(10)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
# The lock moves the lines of the code that was wrong.
LOCKED = BUGGY.replace("num = 10", "num = 10\nlock = threading.Lock()").replace(
    "    taken = num\n    time.sleep(0.001)\n    num = taken - 1\n",
    "    with lock:\n        taken = num\n        time.sleep(0.001)\n        num = taken - 1\n",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\ntraces = traces\n")
    record(tmp_path, BUGGY)
    return tmp_path


def record(project: Path, program: str) -> None:
    (project / "race.py").write_text(program)
    trace(project, "run", "--force", "-o", "traces/race.msgpack", "race.py", expect=0)
    trace(project, "check", "--save-expected", "--fixed", "traces/race.msgpack", expect=0)


def trace(project: Path, *arguments: str, expect: int) -> str:
    done = invoke(project, *arguments)
    assert done.returncode == expect, done.stderr
    return done.stderr


def replayed(project: Path, program: str, *options: str) -> str:
    """What pytest says of the trace when this is the program."""
    (project / "race.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stdout.partition("Captured")[0], done.stdout
    assert ("1 passed" if done.returncode == 0 else "1 failed") in done.stdout, done.stdout
    return done.stdout


def test_a_lock_makes_it_pass_and_without_the_lock_it_fails_again(project):
    for _ in range(2):
        output = replayed(project, BUGGY)
        assert "traces/race.msgpack: still there: Lost update on num (observed" in output
        assert "race.py:9   taken = num" in output
        assert "next: trace replay --follow traces/race.msgpack" in output
        assert "1 passed" in replayed(project, LOCKED)
    assert "1 passed" in replayed(project, LOCKED, "-n", "2")


def test_what_can_still_happen_is_still_there(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\ntraces = traces\n")
    quick = BUGGY.replace("    time.sleep(0.001)\n", "")
    record(tmp_path, quick)
    assert "still there: Lost update on num (" in replayed(tmp_path, quick)
    half = LOCKED.replace("    with lock:\n        taken", "    if True:\n        taken")
    half = half.replace("        num = taken", "        with lock: num = taken")
    assert "still there: Lost update on num (" in replayed(tmp_path, half)
    assert "1 passed" in replayed(tmp_path, LOCKED)


def test_a_fix_that_is_another_bug_fails(project):
    twice = LOCKED.replace("        taken = num", "        lock.acquire()\n        taken = num")
    assert "not there before: Deadlock" in replayed(project, twice)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("range(10)", "range(0)"), "`work` of race.py did not run with num"),
        (("range(10)", "range(1)"), "its code ran in one thread only"),
        (("num = 10", "raise SystemExit(3)"), "the program ended with 3, and with 0 when"),
        (("work", "other"), "`work` of race.py did not run with num"),
        (("num", "left"), "`work` of race.py did not run with num"),
        (("import threading", "import threading,"), "the program ended with 1"),
    ],
)
def test_what_did_not_run_is_no_pass(project, change, reason):
    output = replayed(project, LOCKED.replace(*change))
    assert "traces/race.msgpack: inconclusive: " in output
    assert reason in output


def test_a_run_that_was_not_controlled_is_no_pass(project):
    reads = LOCKED.replace(
        "for thread in threads:\n    thread.join()",
        "os.mkfifo(f'fifo{os.getpid()}')\n"
        "other = lambda: (threads[-1].join(), open(f'fifo{os.getpid()}', 'w'))\n"
        "threading.Thread(target=other).start()\n"
        "open(f'fifo{os.getpid()}')\n"
        "for thread in threads:\n    thread.join()",
    ).replace("import threading", "import os, threading")
    output = replayed(project, reads)
    assert "inconclusive: not fully controlled: 1 time a thread waited in something" in output


def test_there_must_be_a_bug_to_be_fixed(tmp_path):
    (tmp_path / "race.py").write_text(LOCKED)
    trace(tmp_path, "run", "-o", "clean.msgpack", "race.py", expect=0)
    assert "has no finding" in trace(
        tmp_path, "check", "--save-expected", "--fixed", "clean.msgpack", expect=2
    )
