"""`tracer.record()` in a program that runs already: what can still be rewritten is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import environment, invoke

import tracer

START = """
import functools, threading, tracer
def run(target, count=2):
    threads = [threading.Thread(target=target) for _ in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""
RACY = "total = 0\ndef add():\n    global total\n    total += 1\n"
RIGHT = (
    "total, lock = 0, threading.Lock()\ndef add():\n    global total\n    with lock: total += 1\n"
)
RECORD = "with tracer.record('t.msgpack'):\n    main()\n"


def execute(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    (folder / "p.py").write_text(START + program)
    return subprocess.run(
        [sys.executable, "p.py"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )


def recorded(folder: Path, program: str) -> tracer.Trace:
    done = execute(folder, program)
    assert (done.returncode, done.stderr) == (0, "")
    return tracer.load(folder / "t.msgpack")


@pytest.mark.parametrize(("counter", "word"), [(RACY, "findings"), (RIGHT, "clean")])
def test_a_script_is_recorded_as_the_readme_shows_it(
    tmp_path: Path, counter: str, word: str
) -> None:
    trace = recorded(tmp_path, counter + "def main(): run(add)\n" + RECORD)
    assert trace.verdict().word == word
    assert not trace.gaps


@pytest.mark.parametrize(("counter", "word"), [(RACY, "findings"), (RIGHT, "clean")])
def test_a_module_that_was_imported_before(tmp_path: Path, counter: str, word: str) -> None:
    (tmp_path / "shop.py").write_text("import threading\n" + counter)
    trace = recorded(tmp_path, "import shop\ndef main(): run(shop.add)\n" + RECORD)
    assert trace.verdict().word == word


FORMS = {
    "a method": "class A:\n    n = 0\n    def add(self): self.n += 1\nadd = A().add",
    "a nested class": "class A:\n    class B:\n        n = 0\n        def add(self): self.n += 1\n"
    "add = A.B().add",
    "a static method": "class A:\n    n = 0\n    @staticmethod\n    def add(): A.n += 1\n"
    "add = A.add",
    "a class method": "class A:\n    n = 0\n    @classmethod\n    def add(cls): cls.n += 1\n"
    "add = A.add",
    "a property": "class A:\n    n = 0\n    @property\n    def more(self): self.n += 1\na = A()\n"
    "def add(): a.more",
    "a decorated function": "n = 0\ndef plain(f):\n    @functools.wraps(f)\n"
    "    def inner(): return f()\n    return inner\n@plain\ndef add():\n    global n\n    n += 1",
    "a closure made before": "def make():\n    n = 0\n    def add():\n        nonlocal n\n"
    "        n += 1\n    return add\nadd = make()",
    "a lambda in a table": "d = {'n': 0}\nways = [lambda: d.update(n=d['n'] + 1)]\nadd = ways[0]",
    "a partial": "d = {'n': 0}\ndef more(by): d['n'] += by\nadd = functools.partial(more, 1)",
}


@pytest.mark.parametrize("name", FORMS)
def test_functions_are_recorded_whatever_holds_them(tmp_path: Path, name: str) -> None:
    program = f"{FORMS[name]}\ndef main(): run(add)\n{RECORD}"
    assert recorded(tmp_path, program).verdict().word == "findings"


def test_functions_have_their_own_code_again_afterwards(tmp_path: Path) -> None:
    program = f"""{RACY}
def make():
    def inner(): return total
    return inner
before = [f.__code__ for f in (add, make, run)]
def main():
    run(add)
    print([f.__code__ is code for f, code in zip((add, make, run), before)])
    print([f.__code__ for f in (add, make, run)] == before)
{RECORD}
print([f.__code__ is code for f, code in zip((add, make, run), before)], total)
"""
    said = "[False, False, False]\nTrue\n[True, True, True] 2\n"
    assert execute(tmp_path, program).stdout == said


def test_two_blocks_are_recorded_alike(tmp_path: Path) -> None:
    program = f"{RACY}def main(): run(add)\n{RECORD}{RECORD.replace('t.m', 'u.m')}"
    assert recorded(tmp_path, program).verdict().word == "findings"
    assert tracer.load(tmp_path / "u.msgpack").verdict().word == "findings"


def test_what_a_program_sees_of_its_functions_is_as_ever(tmp_path: Path) -> None:
    program = f"""
import inspect, pickle, traceback
{RACY}
def fail(): return {{}}[total]
def main():
    print(pickle.loads(pickle.dumps(add)) is add, inspect.getsource(add).count("total"))
    try:
        fail()
    except KeyError:
        traceback.print_exc(file=sys.stdout)
import sys
main()
{RECORD}
"""
    done = execute(tmp_path, program)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith("True ")
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]


@pytest.mark.parametrize(
    ("block", "word"),
    [
        ("    run(add)\n", "clean"),
        ("    main()\n    print(1)\n", "clean"),
        ("    run(add)\n    print(total)\n", "inconclusive"),
        ("    main()\nprint(total)\n", "clean"),
    ],
    ids=["calls", "more calls", "an access", "an access after the block"],
)
def test_what_the_block_itself_accesses_is_not_recorded_and_that_is_said(
    tmp_path: Path, block: str, word: str
) -> None:
    program = f"{RIGHT}def main(): run(add)\nwith tracer.record('t.msgpack'):\n{block}"
    verdict = recorded(tmp_path, program).verdict()
    assert verdict.word == word
    if word == "inconclusive":
        (reason,) = verdict.reasons
        line = len(START.splitlines()) + 7
        assert reason.text.startswith(f"what lines {line} to {line + 1} of ")


def test_a_block_in_a_function_is_not_recorded_either(tmp_path: Path) -> None:
    program = (
        f"{RIGHT}def main():\n    with tracer.record('t.msgpack'):\n        run(add)\n"
        "        print(total)\nmain()\n"
    )
    (reason,) = recorded(tmp_path, program).verdict().reasons
    assert reason.kind == "not-recorded"


def test_source_that_has_changed_since_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(RACY)
    program = (
        "import shop\nopen('shop.py', 'a').write('x = 1')\n"
        "open('shop.py', 'w').write('\\ndef add(): return 7\\n')\n"
        f"def main(): run(shop.add)\n{RECORD}print(shop.total)"
    )
    verdict = recorded(tmp_path, program).verdict()
    assert verdict.word == "inconclusive"
    assert "shop.py, not recorded" in verdict.reasons[0].text


def test_an_included_package_that_was_imported_before(tmp_path: Path) -> None:
    (tmp_path / "site-packages").mkdir()
    (tmp_path / "site-packages" / "stock.py").write_text(RACY)
    program = (
        "import sys; sys.path.insert(0, 'site-packages')\nimport stock\n"
        "def main(): run(stock.add)\n"
        "with tracer.record('t.msgpack', include=['stock']): main()"
    )
    assert recorded(tmp_path, program).verdict().word == "findings"


def test_what_was_imported_before_is_replayed(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(RACY)
    recorded(tmp_path, "import shop\ndef main(): run(shop.add)\n" + RECORD)
    done = invoke(tmp_path, "replay", "t.msgpack")
    assert done.returncode == 0, done.stdout + done.stderr


OLDER = """
total, laps, go, done = 0, 0, threading.Event(), threading.Event()
def add():
    global total
    total += 1
def spin():
    global laps
    while True: laps += 1
def called():
    go.wait()
    add()
    done.set()
def idle():
    threading.Event().wait()
def main():
    before = laps
    go.set()
    run(add, 1)
    %s
"""


@pytest.mark.parametrize(
    ("target", "until", "works"),
    [
        ("spin", "while laps < before + 1000: pass", True),
        ("called", "done.wait()", True),
        ("idle", "pass", False),
    ],
)
def test_threads_that_are_older_than_the_recording(
    tmp_path: Path, target: str, until: str, works: bool
) -> None:
    start = f"threading.Thread(target={target}, name='old', daemon=True).start()\n"
    # It has come to where it is when the recording begins.
    start += "while not laps: pass\n" if target == "spin" else ""
    trace = recorded(tmp_path, OLDER % until + start + RECORD)
    reasons = [reason.text for reason in trace.verdict().reasons]
    what = "old was started before the recording: what it did is not recorded"
    assert reasons == ([what] if works else [])


def test_the_worker_of_a_pool_that_is_older_than_the_recording(tmp_path: Path) -> None:
    pool = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(1, 'old')\npool.submit(int).result()\n"
        "total = 0\ndef add():\n    global total\n    total += 1\n"
        "def main():\n    run(add, 1)\n    pool.submit(add).result()\n"
    )
    (reason,) = recorded(tmp_path, pool + RECORD).verdict().reasons
    assert reason.text.startswith("old_0 was started before")
