"""What the only thread of a run changes is recorded, a hundred times at each line."""

from __future__ import annotations

import re

import pytest
from alone import replayed
from commandline import run

from tracer.events import Op


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


FUTURES = """
import threading
from concurrent.futures import Future

for _ in range(300):
    fut = Future()
    fut.set_result(1)  # alone
late = [Future() for _ in range(200)][-1]
thread = threading.Thread(target=late.set_result, args=(2,))
thread.start()
print(late.result())
thread.join()
"""


@pytest.mark.parametrize("options", [(), ("--seed", "3")], ids=["free", "seed"])
def test_futures_of_a_thread_alone(tmp_path, options):
    """What it finishes again and again is as what it changes; what another finishes is recorded,
    whatever the thread has made of that kind before."""
    (tmp_path / "main.py").write_text(FUTURES)
    done = run(tmp_path, "main.py", options=options)
    assert (done.status, done.stdout) == (0, "2\n")
    finished = [event for event in done.trace.events if event.op is Op.FINISH]
    [other] = [event for event in finished if event.thread.name != "MainThread"]
    assert len(finished) == 101
    [result] = [event for event in done.trace.events if event.op is Op.RESULT]
    assert (other.object, other.value) == (result.object, 2)
    assert done.trace.happens_before(other, result)
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
