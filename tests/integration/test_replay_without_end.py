"""`trace replay` of a program in which nobody does any more what others wait for: it ends."""

from __future__ import annotations

import os
import select
import subprocess
from pathlib import Path

import pytest
from commandline import invoke, run

LIMIT = 60
"""Seconds after which a replay is said to hang; the longest of these takes a quarter of it."""

LOCK = """
import threading
lock = threading.Lock()
def work():
    lock.acquire()
    lock.release()
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
EVENT = """
import threading
event = threading.Event()
threads = [threading.Thread(target=event.wait) for _ in range(2)]
for thread in threads: thread.start()
event.set()
for thread in threads: thread.join()
"""
QUEUE = """
import queue, threading
line = queue.Queue()
def work():
    for _ in range(3): print(line.get())
thread = threading.Thread(target=work)
thread.start()
for number in range(3): line.put(number)
thread.join()
"""
THREAD = """
import threading
event = threading.Event()
waits, sets = (threading.Thread(target=what) for what in (event.wait, event.set))
waits.start()
sets.start()
waits.join()
"""
POLLED = """
import threading
event = threading.Event()
thread = threading.Thread(target=event.wait)
thread.start()
event.set()
while thread.is_alive(): pass
"""
PROCESS = """
import multiprocessing
def work(event):
    event.wait()
if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    event = context.Event()
    process = context.Process(target=work, args=(event,))
    process.start()
    event.set()
    process.join()
"""
PIPE = """
import os, threading
reader, writer = os.pipe()
def work():
    os.write(writer, b"x")
thread = threading.Thread(target=work)
thread.start()
print(os.read(reader, 1))
thread.join()
"""
LOOP = """
import multiprocessing
def work(number):
    while number > 2: pass
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(work, range(3))
"""
OUTSIDE = """
import ctypes, threading
sleep = ctypes.CDLL(None).sleep
event = threading.Event()
def work():
    sleep(0)
    event.set()
thread = threading.Thread(target=work)
thread.start()
event.wait()
"""
STARTED = """
import subprocess
program = subprocess.Popen(["sh", "-c", "echo $$ > started; exec sleep 0.01"])
print(program.wait())
"""
EDITS = {
    "lock-not-released": (LOCK, "lock.release()", "pass"),
    "event-not-set": (EVENT, "event.set()", "pass"),
    "queue-not-fed": (QUEUE, "range(3): line.put", "range(2): line.put"),
    "thread-not-started": (THREAD, "sets.start()", "pass"),
    "thread-looked-at-for-ever": (POLLED, "event.set()", "pass"),
    "process-not-ended": (PROCESS, "    event.set()", "    pass"),
    "pipe-not-written": (PIPE, 'os.write(writer, b"x")', "pass"),
}
OUT_OF_CONTROL = {
    "worker-loops": (LOOP, "number > 2", "number > 1"),
    "c-code-sleeps": (OUTSIDE, "sleep(0)", "sleep(100_000)"),
    "program-not-ended": (STARTED, "sleep 0.01", "sleep 100000"),
}


def replayed(
    folder: Path,
    source: str,
    before: str,
    after: str,
    *options: str,
    control: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """The replay of a recording of the program after an edit."""
    program = folder / "program.py"
    program.write_text(source)
    recorded = run(folder, *control, str(program))
    assert recorded.status == 0, recorded.stderr
    assert before in source
    program.write_text(source.replace(before, after))
    return invoke(folder, "replay", "--trust", *options, recorded.file, timeout=LIMIT)


@pytest.mark.parametrize("options", [(), ("--follow",)], ids=["exact", "follow"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_nobody_does_is_a_divergence(
    tmp_path: Path, edit: tuple[str, str, str], options: tuple[str, ...]
) -> None:
    done = replayed(tmp_path, *edit, *options)
    assert done.returncode == 1
    assert done.stderr.count("diverged after") == 1
    assert "did not come in" not in done.stderr  # at once
    assert "they diverge" in done.stderr


@pytest.mark.parametrize("options", [(), ("--follow",)], ids=["exact", "follow"])
@pytest.mark.parametrize("edit", OUT_OF_CONTROL.values(), ids=OUT_OF_CONTROL)
def test_what_is_not_under_control_is_waited_for_for_some_time(
    tmp_path: Path, edit: tuple[str, str, str], options: tuple[str, ...]
) -> None:
    done = replayed(tmp_path, *edit, *options)
    assert done.returncode == 1
    assert done.stderr.count("diverged after") == 1
    assert "trace: the next event did not come in " in done.stderr
    assert not is_left_running(tmp_path / "started")


def is_left_running(file: Path) -> bool:
    """Whether the program runs that has written its pid into the file, if there is one."""
    try:
        program = os.pidfd_open(int(file.read_text()))
    except (FileNotFoundError, ProcessLookupError):
        return False
    ended, _, _ = select.select([program], [], [], LIMIT)  # it may be about to end
    os.close(program)
    return not ended


@pytest.mark.parametrize("seed", [(), ("--seed", "1")], ids=["free", "seed"])
def test_programs_are_waited_for_with_follow(tmp_path: Path, seed: tuple[str, ...]) -> None:
    done = replayed(tmp_path, STARTED, "", "", "--follow", control=seed)
    assert done.returncode == 0, done.stderr
