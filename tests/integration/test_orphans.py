"""Processes that outlive the first one of the run: waited for a while, and then left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commandline import TRACE, environment, run

import tracer
from tracer.ops import Op

pytestmark = pytest.mark.one_version

METHODS = ("fork", "spawn", "forkserver")

# A main process that is killed leaves the workers of an executor, which wait for it forever.
KILLED = """
import multiprocessing, os, signal, sys
from concurrent.futures import ProcessPoolExecutor
def work(number):
    return os.getpid()
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    pool = ProcessPoolExecutor(1, mp_context=context)
    print(pool.submit(work, 1).result(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""

# An orphan that makes accesses, threads and processes until it finds a file, and one more of each.
BUSY = """
import os, pathlib, threading, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork while the last thread is ending
done = 0
def one_more():
    global done
    done += 1
def make():
    for _ in range(1000):
        one_more()
    thread = threading.Thread(target=one_more)
    thread.start()
    thread.join()
    if os.fork() == 0:
        one_more()
        os._exit(0)
    os.wait()
if os.fork() == 0:
    while not pathlib.Path("stop").exists():
        make()
        time.sleep(0.001)
    make()
    print("the orphan ends", done % 1001, flush=True)
    os._exit(0)
print("main ends", flush=True)
os._exit(5)
"""


@contextmanager
def started(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`trace run OPTIONS… p.py`, and the end of what it leaves running."""
    command = [*TRACE, "run", "--force", "-o", "t.msgpack", *options, "p.py"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            (folder / "stop").touch()


def is_whole(trace: tracer.Trace) -> bool:
    """Nothing is missing among what the orphan has written, up to the end of its events."""
    orphan = trace.processes[1]
    writes = [
        event.value
        for event in trace.events.filter(op=Op.WRITE)
        if event.thread.process is orphan and event.target.endswith("done")
    ]
    return writes == list(range(1, len(writes) + 1))


@pytest.mark.parametrize("method", METHODS)
def test_workers_without_a_main_process_are_left_running(tmp_path: Path, method: str) -> None:
    (tmp_path / "p.py").write_text(KILLED)
    file = tmp_path / "t.msgpack"
    ends = []
    for command in (
        [sys.executable],
        [*TRACE, "run", "-o", str(file), "--orphans", "0.1"],
    ):
        output = tmp_path / "output"
        with output.open("w") as stdout:
            done = subprocess.run(
                [*command, "p.py", method],
                cwd=tmp_path,
                stdout=stdout,
                stderr=subprocess.DEVNULL,
                timeout=60,
            )
        worker = int(output.read_text())
        os.kill(worker, signal.SIGKILL)  # it lives
        ends.append(done.returncode)
    assert ends == [-signal.SIGKILL, -signal.SIGKILL]
    trace = tracer.load(file)
    assert [process.exit_status for process in trace.processes] == [-signal.SIGKILL, None]
    assert trace.notes == ("left running: main/p1",)
    (task,) = trace.events.filter(op=Op.FINISH)
    assert task.thread.process is trace.processes[1]
    assert trace.happens_before(task, next(e for e in trace.events.filter(op=Op.RESULT)))


@pytest.mark.parametrize("options", [(), ("--no-memory",)])
def test_an_orphan_goes_on_while_the_trace_is_made(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Nor does it record into the spool of a later run of the same name."""
    (tmp_path / "p.py").write_text(BUSY)
    with started(tmp_path, "--orphans", "0.3", *options) as process:
        assert process.wait(60) == 5
        trace = tracer.load(tmp_path / "t.msgpack")
        assert is_whole(trace)
        assert trace.notes[0].startswith("left running: main/p1")
        again = run(tmp_path, "-c", "print('another')", options=options)
        assert (again.stdout, len(again.trace.processes)) == ("another\n", 1)
        (tmp_path / "stop").touch()
        stdout, stderr = process.communicate(timeout=60)
    assert stdout == "main ends\nthe orphan ends 0\n"
    assert all(line.startswith("trace: ") for line in stderr.splitlines())
    assert "not recorded" not in stderr


def test_an_orphan_goes_on_without_control(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("""
import os, pathlib, threading, time
def wait():
    while not pathlib.Path("stop").exists():
        time.sleep(0.01)
if os.fork() == 0:
    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("the orphan ends", flush=True)
    os._exit(0)
os._exit(5)
""")
    with started(tmp_path, "--orphans", "0.1", "--seed", "1") as process:
        assert process.wait(60) == 5
        (tmp_path / "stop").touch()
        stdout, stderr = process.communicate(timeout=60)
    assert stdout == "the orphan ends\n"
    assert all(line.startswith("trace: ") for line in stderr.splitlines())


def test_the_timeout_is_not_for_orphans(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(BUSY)
    with started(tmp_path, "--timeout", "4", "--orphans", "60") as process:
        assert process.wait(60) == 5
        time.sleep(4)
        (tmp_path / "stop").touch()
        stdout, stderr = process.communicate(timeout=60)
    assert stdout == "main ends\nthe orphan ends 0\n"
    assert "stopped by" not in stderr


def test_the_timeout_ends_all_processes(tmp_path: Path) -> None:
    """Those too that outlive the first one when that has been interrupted."""
    (tmp_path / "p.py").write_text("""
import os, signal, time
if os.fork() == 0:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    time.sleep(60)
""")
    done = run(tmp_path, "p.py", options=("--timeout", "1", "--orphans", "0"))
    assert done.status == 124
    ends = [process.exit_status for process in done.trace.processes]
    assert ends == [-signal.SIGINT, -signal.SIGTERM]
