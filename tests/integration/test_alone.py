"""What the only thread of a run reads is not recorded; what it reads in company is."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alone import places, recorded, replayed
from commandline import run

import tracer
from tracer.events import Op

THREADS = """
import threading, _thread, time
from concurrent.futures import ThreadPoolExecutor
data, box = {"a": 1}, [0]
go = threading.Event()

def work(*_):
    box[0] = data["a"]  # worker

""".lstrip()

JOINED = """
data["a"]  # before
threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads:
    t.start()
data["a"]  # between
for t in threads[:1]:
    t.join()
data["a"]  # half
threads[1].join()
data["a"]  # seen
data["a"]  # after
"""

WAYS = {
    "joined": (JOINED, {"between", "half"}),
    "again": (
        """
for turn in range(3):
    data["a"]  # before
    t = threading.Thread(target=work)
    t.start()
    data["a"]  # between
    t.join()
    data["a"]  # after
""",
        {"between"},
    ),
    "never_joined": (
        """
ended = threading.Event()
t = threading.Thread(target=lambda: (work(), ended.set()))
t.start()
ended.wait()
while t.is_alive():
    pass
data["a"]  # after
""",
        {"after"},
    ),
    "joined_in_time": (
        """
t = threading.Thread(target=work)
t.start()
t.join(60)
data["a"]  # after
""",
        {"after"},
    ),
    "joined_and_asked": (
        """
t = threading.Thread(target=work)
t.start()
t.join(60)
data["a"]  # between
assert not t.is_alive()
data["a"]  # after
""",
        set(),
    ),
    "joined_elsewhere": (
        """
def end(t):
    t.join(60)

t = threading.Thread(target=work)
t.start()
end(t)
data["a"]  # after
""",
        set(),
    ),
    "joined_too_early": (
        """
t = threading.Thread(target=go.wait)
t.start()
t.join(0.001)
assert t.is_alive()
data["a"]  # between
go.set()
t.join(60)
assert not t.is_alive()
data["a"]  # after
""",
        {"between"},
    ),
    "joined_late": (
        """
t = threading.Thread(target=work)
t.start()
t.join(60)
t.join()
data["a"]  # after
""",
        set(),
    ),
    "daemon": (
        """
t = threading.Thread(target=go.wait, daemon=True)
t.start()
data["a"]  # between
go.set()
t.join()
data["a"]  # after
""",
        {"between"},
    ),
    "raw": (
        """
done = _thread.allocate_lock()
done.acquire()
_thread.start_new_thread(lambda: (work(), done.release()), ())
done.acquire()
data["a"]  # after
""",
        {"after"},
    ),
    "pool": (
        """
with ThreadPoolExecutor(2) as pool:
    list(pool.map(work, range(4)))
    data["a"]  # between
data["a"]  # after
""",
        {"between"},
    ),
    "timer": (
        """
t = threading.Timer(0.001, work)
data["a"]  # before
t.start()
data["a"]  # between
t.join()
data["a"]  # after
""",
        {"between"},
    ),
    "nested": (
        """
def middle():
    inner = threading.Thread(target=work)
    inner.start()
    inner.join()
    data["a"]  # middle

t = threading.Thread(target=middle)
t.start()
t.join()
data["a"]  # after
""",
        {"middle"},
    ),
    "left_behind": (
        """
kept = []
def middle():
    inner = threading.Thread(target=go.wait)
    inner.start()
    kept.append(inner)

t = threading.Thread(target=middle)
t.start()
t.join()
data["a"]  # between
go.set()
kept[0].join()
data["a"]  # after
""",
        {"between"},
    ),
    "refused": (
        """
t = threading.Thread(target=work)
t.start()
t.join()
try:
    t.start()
except RuntimeError:
    data["a"]  # after
""",
        set(),
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("options", [(), ("--seed", "3")], ids=["free", "seed"])
def test_a_thread_that_is_alone(tmp_path, way, options):
    program, expected = WAYS[way]
    assert recorded(tmp_path, THREADS + program, *options) - {"worker"} == expected
    replayed(tmp_path)


@pytest.mark.parametrize("options", [(), ("--seed", "3")], ids=["free", "seed"])
def test_it_is_decided_the_same_in_every_replay(tmp_path, options):
    recorded(tmp_path, THREADS + JOINED + WAYS["pool"][0] + WAYS["nested"][0], *options)
    replayed(tmp_path, times=20)


PROCESSES = {
    "fork": """
if (pid := os.fork()) == 0:
    data["a"]  # child
    os._exit(0)
os.waitpid(pid, 0)
""",
    "process": """
import multiprocessing
p = multiprocessing.get_context("fork").Process(target=look)
p.start()
p.join()
""",
    "pool": """
import multiprocessing
with multiprocessing.get_context("fork").Pool(1) as pool:
    pool.apply(look)
""",
    "shared": """
from multiprocessing import sharedctypes
""",
}


@pytest.mark.parametrize("way", PROCESSES)
def test_a_process_that_is_not_alone(tmp_path, way):
    source = (
        'import os\ndata = {"a": 1}\ndef look():\n    data["a"]  # child\ndata["a"]  # before\n'
        + PROCESSES[way]
        + 'data["a"]  # after\n'
    )
    expected = {"after"} if way == "shared" else {"child", "after"}
    assert recorded(tmp_path, source) == expected
    replayed(tmp_path)


def test_tasks_take_turns(tmp_path):
    source = """
import asyncio
data = {"a": 1}
async def task():
    data["a"]  # task
    await asyncio.sleep(0)
    data["a"]  # again
async def main():
    await asyncio.gather(task(), task())
data["a"]  # before
asyncio.run(main())
data["a"]  # after
"""
    assert recorded(tmp_path, source) == {"task", "again"}
    replayed(tmp_path)


def test_what_was_read_in_company_is_not_taken_for_what_is_read_alone(tmp_path):
    """The last update comes after the other thread's, and is based on it."""
    source = """
import threading
num = 0
def bump():
    global num
    seen = num
    num = seen + 1
t = threading.Thread(target=bump)
wait = threading.Thread(target=lambda: None)
wait.start()
bump()
wait.join()
t.start()
t.join()
bump()
print(num)
"""
    (tmp_path / "main.py").write_text(source)
    done = run(tmp_path, "main.py")
    assert done.stdout == "3\n"
    assert done.trace.findings() == []
    replayed(tmp_path)


def test_a_part_with_older_threads_is_not_alone(tmp_path):
    source = """
import threading, tracer
go = threading.Event()
data = {"a": 1}
def part(number):
    data["a"]  # part
older = threading.Thread(target=go.wait)
older.start()
with tracer.record("older.msgpack", force=True):
    part(1)
go.set()
older.join()
with tracer.record("alone.msgpack", force=True):
    part(2)
"""
    (tmp_path / "main.py").write_text(source)
    subprocess.run([sys.executable, "main.py"], cwd=tmp_path, check=True, timeout=60)
    for name, expected in ("older", {"part"}), ("alone", set()):
        assert places(tracer.load(tmp_path / f"{name}.msgpack"), source) == expected


@pytest.mark.parametrize("seed", [(), ("--seed", "1")], ids=["free", "seed"])
def test_iterators_and_files_make_steps_only_in_company(tmp_path, seed):
    source = """
import itertools, threading
counted = itertools.count()
def use():
    next(counted)
    with open("text", "a") as file:
        file.write("x")
for _ in range(2):
    use()
    t = threading.Thread(target=use)
    t.start()
    t.join()
use()
print(next(counted), len(open("text").read()))
"""
    (tmp_path / "main.py").write_text(source)
    (tmp_path / "text").write_text("")
    done = run(tmp_path, "main.py", options=seed)
    assert done.stdout == "5 5\n"
    steps = [(e.thread.name, e.target) for e in done.trace.events.filter(op=Op.STEP)]
    threads = {thread for thread, used in steps if used in ("next", "file", "buffer")}
    assert threads == {"Thread-1 (use)", "Thread-2 (use)"}
    (tmp_path / "text").write_text("")
    replayed(tmp_path)
