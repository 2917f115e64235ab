"""Notes of `trace check`: what went wrong in a run and nobody noticed; and right programs, of which
there is none. Under control, so that each run is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import invoke, run

EXECUTOR = "from concurrent.futures import ThreadPoolExecutor, wait\n"
POOL = "from multiprocessing.pool import ThreadPool\n"
BAD = "def bad(n):\n    raise ValueError(n)\n"
DIED = "import threading, _thread, time\ndef work():\n    int('x')\n"
DAEMON = """
import queue, threading, time
jobs, lock, done = queue.Queue(), threading.Lock(), threading.Event()
def work():
    while True:
        job = jobs.get()
        time.sleep(job)
        jobs.task_done()
worker = threading.Thread(target=work, name="worker", daemon=True)
worker.start()
"""
MANAGED = """
import multiprocessing
manager = multiprocessing.get_context("fork").Manager()
table = manager.dict(items=[], inner={}, number=1)
"""

WRONG = {
    "thread": (
        DIED + "threading.Thread(target=work, name='one').start()",
        "one died of ValueError at p.py:3",
    ),
    "several": (
        DIED
        + "threads = [threading.Thread(target=work, name=f't{n}') for n in range(5)]\n"
        + "for thread in threads: thread.start(); thread.join()",
        "t0, t1, t2 and 2 more died of ValueError at p.py:3",
    ),
    "raw": (
        DIED + "_thread.start_new_thread(work, ())\ntime.sleep(1)",
        "work died of ValueError at p.py:3",
    ),
    "in the library": (
        "import json, threading\ndef work():\n    json.loads('{')\n"
        "threading.Thread(target=work, name='one').start()",
        "one died of JSONDecodeError at p.py:3",
    ),
    "process": (
        "import multiprocessing\ndef work():\n    raise KeyError(1)\n"
        "child = multiprocessing.get_context('fork').Process(target=work)\n"
        "child.start()\nchild.join()",
        "the process ForkProcess-1 died of KeyError at p.py:3",
    ),
    "items left": (
        DAEMON + "for _ in range(3): jobs.put(10)\ntime.sleep(1)",
        "after p.py:7; 2 items were put into jobs and never taken",
    ),
    "item at work": (
        DAEMON + "jobs.put(10)\ntime.sleep(1)",
        "the daemon worker was killed at exit: in the middle of its work, after p.py:7",
    ),
    "lock held": (
        "import threading, time\nlock = threading.Lock()\ndef work():\n    with lock:\n"
        "        time.sleep(100)\n"
        "threading.Thread(target=work, name='worker', daemon=True).start()\ntime.sleep(1)",
        "the daemon worker was killed at exit: in the middle of its work, after p.py:5",
    ),
    "task": (
        EXECUTOR + BAD + "with ThreadPoolExecutor(1) as pool:\n    task = pool.submit(bad, 1)",
        "the task task submitted at p.py:5 raised ValueError, and nobody asked for the result",
    ),
    "tasks": (
        EXECUTOR + BAD + "with ThreadPoolExecutor(1) as pool:\n"
        "    wait([pool.submit(bad, n) for n in range(4)])",
        "4 tasks submitted at p.py:5 raised ValueError, and nobody asked for the result",
    ),
    "task of a pool": (
        POOL + BAD + "with ThreadPool(1) as pool:\n    task = pool.apply_async(bad, (1,))\n"
        "    task.wait()",
        "the task task submitted at p.py:5 raised ValueError, and nobody asked for the result",
    ),
    "item of a managed list": (
        MANAGED + "table['items'].append(1)",
        "table['items'].append(1) at p.py:5 changed a copy",
    ),
    "key of a managed dict": (
        MANAGED + "table['inner']['key'] = 1\nprint(table)",
        "table['inner']['key'] = 1 at p.py:5 changed a copy",
    ),
}

RIGHT = {
    "exception that is caught": DIED
    + "def safe():\n    try:\n        work()\n    except ValueError:\n        pass\n"
    + "threading.Thread(target=safe).start()",
    "thread that leaves": DIED
    + "def leave():\n    raise SystemExit\nthreading.Thread(target=leave).start()",
    "hook of the program's own": DIED
    + "threading.excepthook = lambda told: None\nthreading.Thread(target=work).start()",
    "daemon that waits": DAEMON + "jobs.put(1)\njobs.join()",
    "daemon that has waited long": DAEMON + "jobs.put(1)\njobs.join()\ntime.sleep(1)",
    "daemon that sleeps": "import threading, time\ndef work():\n    while True:\n"
    "        time.sleep(1)\nthreading.Thread(target=work, daemon=True).start()\ntime.sleep(10)",
    "daemon that waits for a condition": "import threading, time\n"
    "condition = threading.Condition()\ndef work():\n    with condition:\n"
    "        condition.wait()\nthreading.Thread(target=work, daemon=True).start()\ntime.sleep(10)",
    "daemon that is told to end": DAEMON.replace("time.sleep(job)", "if job is None: return")
    + "jobs.put(1)\njobs.put(None)\nworker.join()\njobs.put(None)",
    "result": EXECUTOR + BAD + "with ThreadPoolExecutor(1) as pool:\n"
    "    task = pool.submit(bad, 1)\n    try:\n        task.result()\n"
    "    except ValueError:\n        pass",
    "exception": EXECUTOR + BAD + "with ThreadPoolExecutor(1) as pool:\n"
    "    print(pool.submit(bad, 1).exception())",
    "callback": EXECUTOR + BAD + "with ThreadPoolExecutor(1) as pool:\n"
    "    pool.submit(bad, 1).add_done_callback(lambda task: print(task.exception()))",
    "error callback": POOL + BAD + "with ThreadPool(1) as pool:\n"
    "    pool.apply_async(bad, (1,), error_callback=print).wait()",
    "task that ends well": EXECUTOR
    + "with ThreadPoolExecutor(1) as pool:\n    pool.submit(int, 1)",
    "stored back": MANAGED + "items = table['items']\nitems.append(1)\ntable['items'] = items",
    "augmented": MANAGED + "table['items'] += [1]\ntable['number'] += 1",
    "only read": MANAGED
    + "print(table['items'].copy(), table['inner'].get(1), len(table['items']))",
    "managed itself": MANAGED
    + "table['items'] = manager.list()\ntable['items'].append(1)\nprint(table['items'][0])",
}


def notes(folder: Path, program: str) -> list[str]:
    """The texts of the notes on the program's run."""
    (folder / "p.py").write_text(program + "\n")
    done = run(folder, "p.py", options=("--seed", "1", "--timeout", "30"))
    assert "stopped" not in done.stderr
    checked = invoke(folder, "check", "--format", "json", done.file)
    document = json.loads(checked.stdout)
    assert document["verdict"] == "clean", document
    assert checked.returncode == 0
    for note in document["notes"]:
        assert f"note: {note['text']}" in done.stderr
        assert f"note: {note['text']}" in checked.stderr
    return [note["text"] for note in document["notes"]]


@pytest.mark.parametrize("name", WRONG)
def test_what_nobody_noticed_is_noted(tmp_path: Path, name: str) -> None:
    program, expected = WRONG[name]
    (text,) = notes(tmp_path, program)
    assert expected in text


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_has_no_notes(tmp_path: Path, name: str) -> None:
    assert notes(tmp_path, RIGHT[name]) == []


def test_that_a_run_was_told_to_end_is_no_note(tmp_path: Path) -> None:
    """Where it ends, the interruption ends threads, and daemons are in the middle of their work."""
    program = f"{DAEMON}\njobs.put(100)\ndone.wait()\n"
    (tmp_path / "p.py").write_text(program)
    done = run(tmp_path, "p.py", options=("--timeout", "1"))
    assert "stopped by --timeout" in done.stderr
    assert [note.kind for note in done.trace.verdict().notes] == []
