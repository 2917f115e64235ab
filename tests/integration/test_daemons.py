"""Threads that still run when the interpreter ends, wherever in our code they are then."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import plain, run

from tracer import Op

# Three threads do STEP forever. The end takes so long that each asks for the GIL during it.
PROGRAM = """
import _thread, queue, threading, time

class Slow:
    @property
    def attribute(self): return time.sleep(0) or 1
    @attribute.setter
    def attribute(self, value): time.sleep(0)
    def __getitem__(self, key): return time.sleep(0)
    def __del__(self, sleep=time.sleep):  # the module's names have gone when it is called
        for _ in range(200):
            sleep(0.0005)

slow = Slow()
items = queue.Queue(1)
condition = threading.Condition()
number = 0

def work(begun):
    global number
    while True:
        {step}
        begun.release()

for _ in range(3):
    begun = threading.Semaphore(0)
    {start}
    begun.acquire()
"""

THREAD = "threading.Thread(target=work, args=[begun], daemon=True).start()"

STEPS = {
    "a print": 'print("x")',
    "a sleep": "time.sleep(0.0001)",
    "an attribute": "slow.attribute += slow.attribute",
    "an item": "slow[number]",
    "a global": "number += 1",
    "a lock": "with condition: number += 1",
    "a queue": "items.put(1); items.get()",
    "a condition": "with condition: condition.wait(0.0001)",
    "a method": "[3, 2, 1].sort(key=lambda number: time.sleep(0) or number)",
}


def ends_as_plain(folder: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # With a buffer, plain python itself aborts if a daemon has the lock of the buffer at the end.
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    (folder / "p.py").write_text(source)
    expected = plain(folder, "p.py")
    done = run(folder, "p.py")
    assert (done.status, done.program_stderr) == (expected.returncode, expected.stderr)
    assert done.status == 0
    ends = [event.thread.path for event in done.trace.events.filter(op=Op.END)]
    assert ends == ["main"]


@pytest.mark.parametrize("step", STEPS)
def test_the_interpreter_ends_under_running_daemons(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_as_plain(tmp_path, PROGRAM.format(step=STEPS[step], start=THREAD), monkeypatch)


def test_the_interpreter_ends_under_threads_of_the_low_level_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = "_thread.start_new_thread(work, (begun,))"
    ends_as_plain(tmp_path, PROGRAM.format(step="number += 1", start=start), monkeypatch)
