"""What the only thread of a run reads is not recorded; what it reads in company is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import invoke, run

import tracer
from tracer.events import Op

READS = {Op.READ, Op.ITERATE}


def places(trace: tracer.Trace, source: str, name: str = "main.py") -> set[str]:
    """The labels (`# label`) of the lines in which reads were recorded."""
    lines = source.splitlines()
    found = set()
    for event in trace.events:
        if event.op in READS and event.site is not None and event.site.file.endswith(name):
            label = re.search(r"# (\w+)$", lines[event.site.line - 1])
            if label is not None:
                found.add(label[1])
    return found


def recorded(folder: Path, source: str, *options: str) -> set[str]:
    (folder / "main.py").write_text(source)
    done = run(folder, "main.py", options=options)
    assert done.status == 0, done.stderr
    return places(done.trace, source)


def replayed(folder: Path, times: int = 1) -> None:
    arguments = ["replay", "--times", str(times), str(folder / "t.msgpack")]
    done = invoke(folder, *arguments, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


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


def test_changes_are_recorded(tmp_path):
    source = """
import collections
class Place:
    pass
place, numbers, names, made = Place(), [], {}, collections.defaultdict(list)
place.x = 1
place.x += 1
numbers.append(3)
names["a"] = 4
names["a"] += 1
made["b"]
del names["a"]
print(place.x, numbers, names, dict(made), len(numbers), 3 in numbers, place.x)
"""
    (tmp_path / "main.py").write_text(source)
    done = run(tmp_path, "main.py")
    assert done.stdout == "2 [3] {} {'b': []} 1 True 2\n"
    ops = [(e.op, e.site.line) for e in done.trace.events if e.location is not None]
    assert [op for op, line in ops if line > 5] == [
        Op.WRITE,
        Op.WRITE,
        Op.UPDATE,
        Op.WRITE,
        Op.WRITE,
        Op.UPDATE,
        Op.DELETE,
    ]


CHANGES = """
import collections, threading

class Place:
    pass

place, numbers, names, made, num = Place(), [], {}, collections.defaultdict(list), 0

def change(count):
    global num
    inner = 0

    def bump():
        nonlocal inner
        inner = inner + 1  # cell

    for i in range(count):
        num = i  # global
        num += 1  # augmented
        place.x = i  # attribute
        place.x += 1  # more
        names[i] = i  # item
        names[i] += 1  # sum
        numbers.append(i)  # method
        made[i]  # made
        bump()
        del names[i]  # deleted
        del place.x  # removed
    print(num, inner, len(numbers), len(made), names)

change(250)
t = threading.Thread(target=change, args=(150,))
t.start()
t.join()
change(250)
"""


@pytest.mark.parametrize("options", [(), ("--seed", "3")], ids=["free", "seed"])
def test_what_a_thread_alone_changes_again_and_again(tmp_path, options):
    """A hundred times at each line; it is another time after it has been in company."""
    (tmp_path / "main.py").write_text(CHANGES)
    done = run(tmp_path, "main.py", options=options)
    assert done.stdout == "250 250 250 250 {}\n150 150 400 250 {}\n250 250 650 250 {}\n"
    changes = {Op.WRITE, Op.UPDATE, Op.DELETE}
    lines = CHANGES.splitlines()
    counts = {}
    for event in done.trace.events:
        if event.op in changes and (label := re.search(r"# (\w+)$", lines[event.site.line - 1])):
            key = (event.thread.name == "MainThread", label[1])
            counts[key] = counts.get(key, 0) + 1
    labels = set(re.findall(r"# (\w+)$", CHANGES, re.MULTILINE))
    expected = {(True, label): 200 for label in labels} | {(False, label): 150 for label in labels}
    # All is there already after the first time.
    del expected[False, "made"]
    assert counts == expected | {(True, "made"): 100}
    replayed(tmp_path)


ACCOUNTS = """
import threading

class Account:
    def __init__(self, lock):
        self.total = 0
        self.lock = lock

class Bank:
    def __init__(self):
        self.accounts = {}
        self.line = []
        self.locks = {}
        self.last = None

bank = Bank()

def add(account, lock):
    account.total += 1
    with account.lock:
        pass
    with lock:
        pass

def main():
    for i in range(1000):
        account = Account(threading.Lock())
        bank.accounts["a%d" % i] = account
        other = Account(threading.Lock())
        bank.line.append(other)
        bank.last = Account(threading.Lock())
        lock = threading.Lock()
        bank.locks["a%d" % i] = lock
    accounts = bank.accounts["a700"], bank.line[800], bank.last
    lock = bank.locks["a900"]
    threads = [threading.Thread(target=add, args=(one, lock)) for one in accounts * 2]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

main()
"""


@pytest.mark.parametrize("options", [(), ("--seed", "3")], ids=["free", "seed"])
def test_what_was_changed_unseen_has_its_name(tmp_path, options):
    (tmp_path / "main.py").write_text(ACCOUNTS)
    done = run(tmp_path, "main.py", options=options)
    names = ["bank.accounts['a700']", "bank.last", "bank.line[800]"]
    in_company = [e for e in done.trace.events if e.thread.name != "MainThread"]
    # Others were the last one before.
    changed = {re.sub(r"#\d+", "", e.location.name) for e in in_company if e.op is Op.WRITE}
    assert changed == {f"{name}.total" for name in names}
    acquired = {e.object.name for e in in_company if e.op is Op.ACQUIRE}
    assert acquired > {f"{names[0]}.lock", f"{names[2]}.lock", "bank.locks['a900']"}
    replayed(tmp_path)


def test_a_long_list_that_was_linked_unseen(tmp_path):
    source = """
import threading

class Node:
    def __init__(self, before):
        self.before = before
        self.count = 0

def add(node):
    node.count += 1

last = None
for _ in range(50_000):
    last = Node(last)
threads = [threading.Thread(target=add, args=(last,)) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
while last is not None:
    last = last.before
"""
    (tmp_path / "main.py").write_text(source)
    done = run(tmp_path, "main.py")
    assert done.status == 0
    (finding,) = done.trace.findings()
    assert re.fullmatch(r"last(#\d+)?\.count", finding.location.name)
    replayed(tmp_path)


def test_a_write_alone_that_loses_what_another_wrote(tmp_path):
    source = """
import threading
num = 0
def late(company):
    global num
    seen = num
    for t in company:
        t.join()
    num = seen + 1
def bump():
    global num
    num += 1
for _ in range(1000):
    late([])
t = threading.Thread(target=bump)
t.start()
late([t])
"""
    (tmp_path / "main.py").write_text(source)
    findings = run(tmp_path, "main.py").trace.findings()
    assert [(f.kind, f.location.short) for f in findings] == [("lost-update", "num")]
    replayed(tmp_path)


def test_a_handler_runs_after_as_many_changes(tmp_path):
    source = """
import signal
n = 0
going = True
def end(*_):
    global going
    going = False
signal.signal(signal.SIGALRM, end)
signal.setitimer(signal.ITIMER_REAL, 0.02)
def count():
    global n
    while going:
        n += 1
count()
print(n)
"""
    (tmp_path / "main.py").write_text(source)
    done = run(tmp_path, "main.py")
    writes = [e for e in done.trace.events.filter(op=Op.WRITE) if e.location.short == "n"]
    assert int(done.stdout) == len(writes) - 1 > 100
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
