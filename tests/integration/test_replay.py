"""`trace replay`: the recorded interleaving again, whatever the scheduler would have done."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import OF_THREADS, PROGRAMS, TUTORIAL, run, trace

from tracer import load
from tracer.analysis.difference import difference
from tracer.events import Op

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
    print(*drawn)
threads = [threading.Thread(target=draw) for n in range(5)]
for t in threads: t.start()
for t in threads: t.join()
print(sys.stdin.read())
sys.exit(3)
""",
}


def same_again(tmp_path: Path, recorded, times: int = 1) -> str:
    copy = tmp_path / "again.msgpack"
    done = trace("replay", "--times", times, "--record", copy, recorded.file)
    assert done.returncode == 0, done.stderr
    assert trace("diff", recorded.file, copy).returncode == 0
    return done.stdout


@pytest.mark.parametrize("name", sorted({*OF_THREADS} - {"timers", "traffic_light"}))
def test_programs_of_the_tutorial(tmp_path, name):
    recorded = run(tmp_path, str(TUTORIAL / f"{name}.py"))
    assert same_again(tmp_path, recorded) == recorded.stdout


@pytest.mark.parametrize("name", RACES)
def test_races_are_replayed_each_time(tmp_path, name):
    (tmp_path / "race.py").write_text(RACES[name])
    recorded = run(tmp_path, "race.py", stdin="read me")
    assert same_again(tmp_path, recorded, times=3) == 3 * recorded.stdout


def edited(tmp_path: Path, before: str, *changes: tuple[str, str], follow: bool = False):
    """Record the program, change it, and replay."""
    script = tmp_path / "race.py"
    script.write_text(before)
    recorded = run(tmp_path, "race.py")
    assert recorded.status == 0, recorded.stderr
    for old, new in changes:
        assert old in before
        before = before.replace(old, new)
    script.write_text(before)
    again = tmp_path / "again.msgpack"
    options = ["--follow"] if follow else []
    return recorded, trace("replay", *options, "--record", again, recorded.file), again


def test_an_edited_program_diverges_at_once(tmp_path):
    recorded, done, again = edited(tmp_path, RACES["append"], ("range(5)", "range(4)"))
    assert done.returncode == 1
    assert "then they diverge" in done.stderr
    found = difference(recorded.trace, load(again))
    # The run has ended with the event that is another.
    assert len(load(again).events) == found.common + 1
    assert found.divergence.second.op is Op.END
    assert found.divergence.first.op is Op.SLEEP
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("    order.append", "\n    order.append"), "different: site"),
        (("value = 1", "value = 2"), "different: value"),
        (("with lock", "with other"), "different: target"),
        (("blocking=True", "blocking=False, timeout=-1"), None),
    ],
)
def test_what_diverges(tmp_path, change, said):
    program = """
import threading
lock, other = threading.Lock(), threading.Lock()
order = []
def work(name):
    global value
    value = 1
    with lock:
        pass
    lock.acquire(blocking=True)
    order.append(name)
    lock.release()
threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
for t in threads: t.start()
for t in threads: t.join()
"""
    _, done, _ = edited(tmp_path, program, change)
    if said is None:
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 1
        assert said in done.stderr


WAITS = """
import threading, time
event, lock = threading.Event(), threading.Lock()
def work():
    time.sleep(0.01)
    event.set()
    with lock:
        print("worked")
thread = threading.Thread(target=work)
thread.start()
event.wait()
with lock:
    print("waited")
thread.join()
"""


@pytest.mark.parametrize(
    "change",
    [
        ("    event.set()", "    event.is_set()"),
        ("    event.set()", "    pass"),
        ("thread.start()", "lock.acquire(); thread.start()"),
        ("thread.start()", "pass"),
        ("    time.sleep(0.01)", "    threading.Event().wait()"),
    ],
)
def test_a_wait_that_nothing_ends_is_a_divergence(tmp_path, change):
    _, done, _ = edited(tmp_path, WAITS, change)
    assert done.returncode == 1, done.stderr
    assert "then they diverge" in done.stderr


def test_following_a_program_that_was_changed_a_little(tmp_path):
    lock = ("order = []", "order = []\nlock = threading.Lock()\n")
    held = ("        order.append", "        with lock:\n            order.append")
    recorded, done, again = edited(tmp_path, RACES["append"], lock, held, follow=True)
    assert done.returncode == 1
    count = len(recorded.trace.events)
    new = len(load(again).events) - count
    assert new > 0
    said = f"then followed: {count} of {count} recorded events came again, and {new} new\n"
    assert said in done.stderr
    assert done.stdout == recorded.stdout


def test_following_goes_on_when_events_are_missing(tmp_path):
    recorded, done, again = edited(tmp_path, RACES["append"], ("range(5)", "range(4)"), follow=True)
    assert done.returncode == 1
    left = len(load(again).events)
    assert f"{left} of {len(recorded.trace.events)} recorded events came again\n" in done.stderr
    assert "(7, 3)" in done.stdout
    assert "(7, 4)" not in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        ("turn += 1", "turn += 1 if turn < 39 else -38"),
        ("    for _ in range(20):", "    while True:"),
        ("condition.notify()", "pass"),
        ("condition.wait(1)", "condition.wait()"),
    ],
)
def test_following_ends(tmp_path, change):
    _, done, _ = edited(tmp_path, RACES["condition"], change, follow=True)
    assert done.returncode in (0, 1), done.stderr
    assert "as recorded" in done.stderr


def test_what_a_run_that_ends_early_leaves_out_is_no_divergence(tmp_path):
    (tmp_path / "ends.py").write_text(
        """
import os, sys, threading
order = []
def work(name):
    while True:
        order.append(name)
for n in range(2):
    threading.Thread(target=work, args=(n,), daemon=True).start()
for n in range(20):
    print("main", n)
if sys.argv[1]:
    os._exit(5)
"""
    )
    for leave in ("", "1"):
        recorded = run(tmp_path, "ends.py", leave)
        assert recorded.status == (5 if leave else 0)
        done = trace("replay", recorded.file)
        assert done.returncode == 0, done.stderr


def test_an_interruption_comes_again(tmp_path):
    recorded = run(tmp_path, str(TUTORIAL / "traffic_light.py"), options=("--timeout", "1"))
    copy = tmp_path / "again.msgpack"
    done = trace("replay", "--record", copy, recorded.file)
    assert done.returncode == 0, done.stderr
    assert "up to the interruption" in done.stderr
    assert "KeyboardInterrupt" in done.stderr
    assert difference(recorded.trace, load(copy)).divergence is None


def test_an_interrupted_join_is_not_waited_for_again(tmp_path):
    program = PROGRAMS / "hangs" / "lock_of_the_dead.py"
    recorded = run(tmp_path, str(program), options=("--timeout", "2"))
    done = trace("replay", recorded.file)
    assert done.returncode == 0, done.stderr
    assert "up to the interruption" in done.stderr


@pytest.mark.parametrize("options", [(), ("--seed", "2")])
def test_an_alarm_is_waited_for(tmp_path, options):
    (tmp_path / "rings.py").write_text(
        """
import signal, threading
rang = threading.Event()
signal.signal(signal.SIGALRM, lambda *_: rang.set())
signal.setitimer(signal.ITIMER_REAL, 0.5)
thread = threading.Thread(target=rang.wait)
thread.start()
thread.join()
"""
    )
    recorded = run(tmp_path, "rings.py", options=options)
    assert recorded.status == 0, recorded.stderr
    done = trace("replay", recorded.file)
    assert done.returncode == 0, done.stderr


def test_what_cannot_be_replayed_is_said(tmp_path):
    script = tmp_path / "race.py"
    script.write_text("print(1)")
    recorded = run(tmp_path, "race.py")
    script.unlink()
    done = trace("replay", recorded.file)
    assert done.returncode == 2
    assert "race.py" in done.stderr


PRINTS = """
import threading, time
def work(n):
    for turn in range(5):
        print("thread", n, "turn", turn)
        time.sleep(0.0001)
threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
for t in threads: t.start()
for t in threads: t.join()
"""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_prints(tmp_path, monkeypatch, unbuffered):
    """Without a buffer each part of a print is written by itself, and others' come between."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    (tmp_path / "race.py").write_text(PRINTS)
    recorded = run(tmp_path, "race.py")
    assert same_again(tmp_path, recorded, times=3) == 3 * recorded.stdout
    lines = [event.value for event in recorded.trace.events.filter(op=Op.OUTPUT)]
    assert sorted(recorded.stdout) == sorted("\n".join([*lines, ""]))
    if not unbuffered:
        assert recorded.stdout.splitlines() == lines


def test_lines_on_stderr_come_as_they_came(tmp_path):
    program = PRINTS.replace('"thread"', 'file=sys.stderr, *("thread"').replace("turn)", "turn))")
    (tmp_path / "race.py").write_text(program.replace("import ", "import sys, "))
    recorded = run(tmp_path, "race.py")
    done = trace("replay", recorded.file)
    said = [line for line in done.stderr.splitlines() if not line.startswith("trace:")]
    assert len(said) == 30
    assert said == recorded.program_stderr.splitlines()
