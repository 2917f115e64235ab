"""One recording, replayed again and again: each time it ends as it did, in the recorded order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from commandline import TUTORIAL, invoke, run

pytestmark = pytest.mark.one_version

TIMES = int(os.environ.get("REPETITIONS", "15"))
LOST = (TUTORIAL / "decrement_in_steps.py").read_text().replace("sleep(0.1)", "sleep(0.001)")
PROGRAMS_THAT_RACE = {
    # How many updates are lost depends on who comes first.
    "decrement": LOST.replace('print("lost", num > 0)', "print(num)"),
    "append": """
import threading
start, order = threading.Barrier(4), []
def work(name):
    start.wait()
    for turn in range(5):
        order.append((name, turn))
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(order)
""",
    "ping-pong": """
import threading
turns, condition = [], threading.Condition()
def play(me):
    for _ in range(20):
        with condition:
            turns.append(me)
            condition.notify()
            condition.wait(0.001)
threads = [threading.Thread(target=play, args=(n,)) for n in range(2)]
for t in threads: t.start()
for t in threads: t.join()
print(turns)
""",
    "bounded queue": """
import queue, threading
items, got = queue.Queue(2), []
def put(name):
    for number in range(10):
        items.put((name, number))
def get(name):
    while (item := items.get()) is not None:
        got.append((name, item))
producers = [threading.Thread(target=put, args=(n,)) for n in range(3)]
consumers = [threading.Thread(target=get, args=(n,)) for n in range(2)]
for t in producers + consumers: t.start()
for t in producers: t.join()
for _ in consumers: items.put(None)
for t in consumers: t.join()
print(got)
""",
    "executor": """
import threading, time
from concurrent.futures import ThreadPoolExecutor, as_completed
done = []
def work(number):
    time.sleep(0.0001)
    done.append((threading.current_thread().name, number))
    return number
with ThreadPoolExecutor(4) as pool:
    futures = [pool.submit(work, number) for number in range(12)]
    results = [future.result() for future in as_completed(futures)]
print(done, results)
""",
}


@pytest.mark.parametrize("name", PROGRAMS_THAT_RACE)
def test_a_replay_ends_as_the_recording_each_time(tmp_path: Path, name: str) -> None:
    (tmp_path / "race.py").write_text(PROGRAMS_THAT_RACE[name])
    recorded = run(tmp_path, "race.py")
    assert recorded.status == 0, recorded.stderr
    done = invoke(tmp_path, "replay", "--times", TIMES, recorded.file, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout == TIMES * recorded.stdout
