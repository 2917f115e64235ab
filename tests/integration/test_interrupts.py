"""Signals at any moment of a run: the program's end is one that it has without us, the trace is
whole, and no traceback shows our code."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from commandline import TRACE, environment

import tracer

pytestmark = pytest.mark.one_version

RUNS = 6

# Starts, runs and ends in about equal parts.
PROGRAM = """
import queue, threading
jobs, lock, number, done = queue.Queue(), threading.Lock(), 0, threading.Event()
class Counter:
    value = 0
counter = Counter()
def work():
    global number
    while (job := jobs.get()) is not None:
        with lock:
            number += job
        counter.value += 1
threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]
for thread in threads: thread.start()
for i in range(500):
    jobs.put(1)
    done.set()
    counter.value = [i][0]
for thread in threads: jobs.put(None)
for thread in threads: thread.join()
for _ in range(10):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
"""

FORKS = """
import multiprocessing, os
def work(jobs):
    jobs.put(1)
if __name__ == "__main__":
    jobs = multiprocessing.Queue()
    for _ in range(3):
        process = multiprocessing.Process(target=work, args=[jobs], daemon=True)
        process.start()
        jobs.get()
        process.join()
    for _ in range(3):
        if (child := os.fork()) == 0:
            os._exit(0)
        os.waitpid(child, 0)
"""


def start(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*TRACE, "run", "-o", "t.msgpack", "../p.py"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Before there is a spool, it is the interpreter that starts.
    while process.poll() is None and not any(folder.iterdir()):
        time.sleep(0.001)
    return process


def interrupted(folder: Path, number: signal.Signals, moment: float, to_group: bool) -> None:
    """A run that gets the signal so many seconds after its start ends as it should."""
    folder.mkdir()
    process = start(folder)
    time.sleep(moment)
    if to_group:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode in (0, -number), stderr
    assert stdout == ""
    assert f"{os.sep}tracer{os.sep}" not in stderr
    assert "uninterrupted" not in stderr  # what would be swallowed after a fork
    assert [path.name for path in folder.iterdir()] == ["t.msgpack"], stderr
    trace = tracer.load(folder / "t.msgpack")
    assert len(trace.events) > 0
    assert trace.notes == ()


@pytest.mark.parametrize(
    ("program", "number", "to_group"),
    [
        (PROGRAM, signal.SIGINT, True),
        (PROGRAM, signal.SIGINT, False),
        (PROGRAM, signal.SIGTERM, True),
        (FORKS, signal.SIGINT, False),
    ],
    ids=["ctrl-c", "kill -INT", "kill -TERM to all", "kill -INT where it forks"],
)
def test_a_signal_at_any_moment(
    tmp_path: Path, program: str, number: signal.Signals, to_group: bool
) -> None:
    (tmp_path / "p.py").write_text(program)
    (tmp_path / "whole").mkdir()
    process = start(tmp_path / "whole")
    began = time.monotonic()
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    length = time.monotonic() - began
    moments = [random.random() * length for _ in range(RUNS)]
    with ThreadPoolExecutor(2) as pool:
        ends = [
            pool.submit(interrupted, tmp_path / f"{i}", number, moment, to_group)
            for i, moment in enumerate(moments)
        ]
        for end in ends:
            end.result()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_trace_is_written(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    # So many that the file is half a second in the making, even where the machine is busy.
    (tmp_path / "p.py").write_text(
        "import threading\nlock = threading.Lock()\nfor _ in range(2_500_000):\n    with lock: pass"
    )
    process = start(folder)
    while not list(folder.glob("*.part")):
        assert process.poll() is None
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode in (0, -number), stderr
    assert "Traceback" not in stderr
    assert [path.name for path in folder.iterdir()] == ["t.msgpack"]
    assert len(tracer.load(folder / "t.msgpack").events) > 5_000_000
