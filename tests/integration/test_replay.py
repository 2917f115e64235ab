"""`trace replay`: the recorded interleaving again, whatever the scheduler would have done."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commandline import PROGRAMS, TRACE, environment, run

ROWS = ["01", "02", "03", "04", "05", "05b", "06", "07", "08", "11", "12", "13", "14"]
RACES = {
    "append": """
import threading, time
order = []
def work(name):
    for turn in range(5):
        time.sleep(0.0001)
        order.append((name, turn))
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
for t in threads: t.start()
for t in threads: t.join()
print(order)
""",
    "condition": """
import threading
turn, condition = 0, threading.Condition()
def play(me):
    global turn
    for _ in range(20):
        with condition:
            while turn % 2 != me:
                condition.wait(1)
            turn += 1
            print(me, turn)
            condition.notify()
threads = [threading.Thread(target=play, args=(n,)) for n in range(2)]
for t in threads: t.start()
for t in threads: t.join()
""",
    "queue": """
import queue, threading
q, got = queue.Queue(2), []
def put(n):
    for i in range(10):
        q.put((n, i))
def get():
    while (item := q.get()) is not None:
        got.append(item)
threads = [threading.Thread(target=put, args=(n,)) for n in range(3)]
consumers = [threading.Thread(target=get) for n in range(2)]
for t in threads + consumers: t.start()
for t in threads: t.join()
for _ in consumers: q.put(None)
for t in consumers: t.join()
print(got)
""",
    "inputs": """
import datetime, os, random, sys, threading, time
def draw():
    drawn = random.random(), time.time(), datetime.datetime.now(), os.urandom(4), time.ctime()
    # In one write: a print of several may be torn by another thread's, and is one event.
    sys.stdout.write(f"{drawn}\\n")
threads = [threading.Thread(target=draw) for n in range(5)]
for t in threads: t.start()
for t in threads: t.join()
print(sys.stdin.read())
sys.exit(3)
""",
}


def trace(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TRACE, *map(str, arguments)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )


def same_again(tmp_path: Path, recorded, times: int = 1) -> str:
    copy = tmp_path / "again.msgpack"
    done = trace("replay", "--times", times, "--record", copy, recorded.file)
    assert done.returncode == 0, done.stderr
    assert trace("diff", recorded.file, copy).returncode == 0
    return done.stdout


@pytest.mark.parametrize("row", ROWS)
def test_rows(tmp_path, row):
    recorded = run(tmp_path, str(PROGRAMS / f"row{row}.py"))
    # In row 5 a print is written in pieces, between which another thread's may come.
    assert sorted(same_again(tmp_path, recorded)) == sorted(recorded.stdout)


@pytest.mark.parametrize("name", RACES)
def test_races_are_replayed_each_time(tmp_path, name):
    (tmp_path / "race.py").write_text(RACES[name])
    recorded = run(tmp_path, "race.py", stdin="read me")
    again = same_again(tmp_path, recorded, times=3).splitlines()
    lines = recorded.stdout.splitlines()
    # The event of a write comes before the write; in the recording another may come between.
    assert sorted(again) == sorted(3 * lines)
    assert again == 3 * again[: len(lines)]


def test_an_interrupted_run_is_replayed_up_to_the_interruption(tmp_path):
    recorded = run(tmp_path, str(PROGRAMS / "row10.py"), options=("--timeout", "1"))
    done = trace("replay", recorded.file)
    assert done.returncode == 0, done.stderr
    assert "up to the interruption" in done.stderr


def test_an_edited_program_diverges(tmp_path):
    script = tmp_path / "race.py"
    script.write_text(RACES["append"])
    recorded = run(tmp_path, "race.py")
    script.write_text(RACES["append"].replace("range(5)", "range(4)"))
    done = trace("replay", recorded.file)
    assert done.returncode == 1
    assert "then they part" in done.stderr


def test_what_cannot_be_replayed_is_said(tmp_path):
    script = tmp_path / "race.py"
    script.write_text("print(1)")
    recorded = run(tmp_path, "race.py")
    script.unlink()
    done = trace("replay", recorded.file)
    assert done.returncode == 2
    assert "race.py" in done.stderr
