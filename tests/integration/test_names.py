"""What objects are called: each by the shortest way to it, no two alike."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest
from commandline import invoke, run
from named import PROGRAMS

from tracer import Op, Trace


def targets(trace: Trace) -> set[str]:
    """What the variables and primitives that events are about are called in reports."""
    return {e.location.short if e.location else e.target for e in trace.events} - {""}


def assert_unambiguous(trace: Trace) -> None:
    """No two objects have the same name, but for a lock that is a part of a Condition."""
    kinds: dict[str, list[str]] = {}
    for one in trace.objects:
        kinds.setdefault(one.name, []).append(one.kind)
    twice = {name: found for name, found in kinds.items() if len(found) > 1}
    assert all(Counter(found) == {"Condition": 1, "RLock": 1} for found in twice.values()), twice


@pytest.mark.parametrize("program", PROGRAMS)
def test_objects_go_by_the_shortest_way_to_them(tmp_path: Path, program: str) -> None:
    names, source = PROGRAMS[program]
    (tmp_path / "p.py").write_text(dedent(source))
    done = run(tmp_path, "p.py", options=("--seed", "1"))
    assert done.status == 0, done.stderr
    trace = done.trace
    assert names <= targets(trace) | {one.name for one in trace.objects}
    assert_unambiguous(trace)
    assert not [one for one in targets(trace) if "self." in one or "cls." in one]


def test_a_module_of_a_package_is_named_with_its_module(tmp_path: Path) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "stock.py").write_text(
        "import threading\nlock = threading.Lock()\nitems = {}\n"
        "class Shelf:\n    full = []\n"
        "def add(name):\n    with lock:\n        items[name] = 1\n        Shelf.full.append(1)\n"
    )
    (tmp_path / "p.py").write_text("from shop import stock\nstock.add('a')\n")
    trace = run(tmp_path, "p.py", options=("--seed", "1")).trace
    names = {"shop.stock.items['a']", "shop.stock.lock", "shop.stock.Shelf.full[*]"}
    assert names <= targets(trace)


def test_a_value_is_called_what_its_object_is_called(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        "import threading\ncurrent = None\njobs = {'a': {}}\n"
        "def use():\n    global current\n    current = jobs['a']\n    current['n'] = 1\n"
        "thread = threading.Thread(target=use)\nthread.start()\nthread.join()\n"
    )
    run(tmp_path, "p.py", options=("--seed", "1"))
    shown = run_show(tmp_path)
    assert "read jobs['a'] → <dict current>" in shown
    assert "write current ← <dict> " in shown


def run_show(folder: Path) -> str:

    done = invoke(folder, "show", "--full", "t.msgpack", COLUMNS="400")
    assert done.returncode == 0, done.stderr
    return done.stdout


FORKED = """
import multiprocessing, threading
lock = threading.Lock()
class Account:
    def __init__(self):
        self.lock = threading.Lock()
        self.balance = 0
account = Account()
total = multiprocessing.Value("i")
def work():
    with lock, account.lock:
        account.balance += 1
    with total.get_lock():
        total.value += 1
if __name__ == "__main__":
    work()
    process = multiprocessing.get_context(METHOD).Process(target=work)
    process.start()
    process.join()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_each_process_has_its_objects(tmp_path: Path, method: str) -> None:
    (tmp_path / "p.py").write_text(FORKED.replace("METHOD", repr(method)))
    trace = run(tmp_path, "p.py", options=("--seed", "1")).trace
    taken = {(e.thread.process.name, e.target) for e in trace.events.filter(op=Op.ACQUIRE)}
    child = trace.processes[1].name
    assert {
        ("MainProcess", "lock"),
        ("MainProcess", "account.lock"),
        (child, f"{child}/lock"),
        (child, f"{child}/account.lock"),
    } <= taken
    shared = {e.target for e in trace.events.filter(op=Op.WRITE) if "total" in e.target}
    # A process that is spawned makes a Value of its own: the module runs there again.
    own = f"{child}/total.value"
    assert shared == ({"total.value"} if method == "fork" else {"total.value", own})


def test_managed_objects_have_one_name(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        "import multiprocessing\n"
        "def work(table):\n    table['n'] = 1\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.Manager() as manager:\n"
        "        table = manager.dict()\n"
        "        work(table)\n"
        "        process = multiprocessing.Process(target=work, args=(table,))\n"
        "        process.start()\n        process.join()\n"
    )
    trace = run(tmp_path, "p.py", options=("--seed", "1")).trace
    written = {e.target for e in trace.events.filter(op=Op.WRITE)}
    assert written == {"table['n']"}
