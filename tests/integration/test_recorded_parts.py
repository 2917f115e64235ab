"""`tracer.record()` in a program that runs by itself, and runs of which little can be recorded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import environment, invoke, plain, run

import tracer
from tracer import Op

ACCESSES = (Op.READ, Op.WRITE)


def program(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run a program with two locks, `tracer` and a function `work` that takes the first."""
    (folder / "p.py").write_text(f"""
import tracer
from tracer import threading
first, second = threading.Lock(), threading.Lock()
def work(lock=first):
    with lock:
        pass
def in_a_thread(lock=first):
    thread = threading.Thread(target=work, args=[lock])
    thread.start()
    thread.join()
{body}
""")
    return subprocess.run(
        [sys.executable, "p.py"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )


def acquired(file: Path) -> list[str]:
    """The threads that took a lock, in order."""
    return [event.thread.path for event in tracer.load(file).events.filter(op=Op.ACQUIRE)]


def test_only_the_block_is_recorded(tmp_path: Path) -> None:
    body = "work()\nwith tracer.record('t.msgpack') as r:\n    in_a_thread()\nwork()\nprint(r.file)"
    done = program(tmp_path, body)
    assert (done.returncode, done.stdout, done.stderr) == (0, "t.msgpack\n", "")
    assert acquired(tmp_path / "t.msgpack") == ["main.1"]


MODULE = """
import threading
table, items, nested = {}, [], ({}, [[]])
class Bank:
    def __init__(self): self.rates = {}
bank = Bank()
def work():
    table["a"] = table.get("a", 0) + 1
    items.append(len(items))
    bank.rates["b"] = bank.rates.get("b", 0) + 1
    nested[1][0].append(1)
def main():
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


@pytest.mark.parametrize("imported", [False, True], ids=["script", "module"])
def test_what_globals_had_bound_before_goes_by_their_names(tmp_path: Path, imported: bool) -> None:
    block = "import tracer\nwith tracer.record('t.msgpack'): {}main()"
    if imported:
        (tmp_path / "shop.py").write_text(MODULE)
        source = "import shop\n" + block.format("shop.")
    else:
        source = MODULE + block.format("")
    (tmp_path / "p.py").write_text(source)
    plain(tmp_path, "p.py")
    trace = tracer.load(tmp_path / "t.msgpack")
    written = {e.location.short for e in trace.events.filter(op=Op.WRITE) if e.location is not None}
    updated = {
        e.location.object for e in trace.events.filter(op=Op.UPDATE) if e.location is not None
    }
    names = {one.name for one in updated if one is not None}
    module = "shop." if imported else ""
    assert written >= {f"{module}table['a']", f"{module}bank.rates['b']"}
    assert names >= {f"{module}items", f"{module}nested[1][0]"}


def test_a_block_that_fails_is_recorded_up_to_there(tmp_path: Path) -> None:
    done = program(tmp_path, "with tracer.record('t.msgpack'):\n    in_a_thread()\n    {}[1]")
    assert done.returncode == 1
    assert done.stderr.endswith("KeyError: 1\n")
    assert "/tracer/" not in done.stderr
    assert acquired(tmp_path / "t.msgpack") == ["main.1"]
    assert not list(tmp_path.glob("*.spool"))


def test_two_blocks_are_two_traces(tmp_path: Path) -> None:
    body = (
        "with tracer.record('a.msgpack'):\n    in_a_thread()\n"
        "with tracer.record('b.msgpack'):\n    in_a_thread(second)\n    work(first)"
    )
    done = program(tmp_path, body)
    assert (done.returncode, done.stderr) == (0, "")
    assert acquired(tmp_path / "a.msgpack") == ["main.1"]
    assert acquired(tmp_path / "b.msgpack") == ["main.1", "main"]


def test_a_block_within_a_block_is_an_error_and_the_outer_one_goes_on(tmp_path: Path) -> None:
    body = """
with tracer.record('a.msgpack'):
    try:
        with tracer.record('b.msgpack'):
            pass
    except tracer.TracerError as error:
        print(error)
    in_a_thread()
"""
    done = program(tmp_path, body)
    assert (done.stdout, done.stderr) == ("this process is being recorded already\n", "")
    assert acquired(tmp_path / "a.msgpack") == ["main.1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.msgpack", "p.py"]


def test_a_block_in_a_recorded_run_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("import tracer\nwith tracer.record('b.msgpack'): print(1)")
    done = run(tmp_path, "p.py")
    assert done.status == 1
    assert done.stdout == ""
    assert "RecordingError: this process is being recorded already\n" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.py", "t.msgpack"]


def test_a_trace_that_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "t.msgpack").write_text("precious")
    done = program(tmp_path, "with tracer.record('t.msgpack'): print('ran')")
    assert done.stdout == ""
    assert done.stderr.endswith("UsageError: t.msgpack exists; force=True overwrites it\n")
    assert (tmp_path / "t.msgpack").read_text() == "precious"
    done = program(tmp_path, "with tracer.record('t.msgpack', force=True): in_a_thread()")
    assert (done.returncode, done.stderr) == (0, "")
    assert acquired(tmp_path / "t.msgpack") == ["main.1"]


def test_a_thread_may_be_older_than_the_block_and_outlive_it(tmp_path: Path) -> None:
    body = """
stop = threading.Event()
def loop():
    while not stop.is_set():
        work(second)
thread = threading.Thread(target=loop)
thread.start()
for number in range(3):
    with tracer.record(f'{number}.msgpack'):
        in_a_thread()
stop.set()
thread.join()
"""
    done = program(tmp_path, body)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for number in range(3):
        assert "main.1" in acquired(tmp_path / f"{number}.msgpack")


def test_without_memory_only_synchronization_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("""
import threading
number, lock = 0, threading.Lock()
def work():
    global number
    with lock:
        number += 1
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(number)
""")
    done = run(tmp_path, "p.py", options=("--no-memory",))
    assert done.stdout == "2\n"
    assert len(list(done.trace.events.filter(op=Op.ACQUIRE))) == 2
    assert not any(event.op in ACCESSES for event in done.trace.events)
    whole = run(tmp_path, "p.py").trace
    assert any(event.op in ACCESSES for event in whole.events)


def test_a_run_in_which_nothing_was_instrumented_is_no_clean_one(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("print(1)")
    done = run(tmp_path, "p.py")
    assert (done.status, done.stdout) == (0, "1\n")
    assert "NOT CLEAN: " in done.stderr
    assert "nothing was instrumented" in done.stderr
    checked = invoke(tmp_path, "check", done.file)
    assert checked.returncode == 3
    assert "INCONCLUSIVE" in checked.stdout


@pytest.mark.parametrize(
    ("name", "shown"),
    [("p.py", "deep.py"), ("deep.py", "deep.py"), ("de\x1b[2Jep.py", "de\\x1b[2Jep.py")],
    ids=["imported", "script", "not printable"],
)
def test_source_that_cannot_be_rewritten_runs_as_it_is(
    tmp_path: Path, name: str, shown: str
) -> None:
    deep = "x" + ".real" * 700
    for file in ("deep.py", name):
        (tmp_path / file).write_text(f"def f(x): return {deep}\nprint(f(3))\n")
    (tmp_path / "p.py").write_text("import deep\n")
    done = run(tmp_path, name)
    expected = plain(tmp_path, name)
    assert (done.status, done.stdout) == (expected.returncode, expected.stdout) == (0, "3\n")
    said = [line for line in done.stderr.splitlines() if "could not be rewritten" in line]
    assert len(done.trace.notes) == 1
    assert len(said) == 1
    assert said[0].startswith("trace: note: ")
    assert f"{shown} could not be rewritten" in said[0]
    checked = invoke(tmp_path, "check", done.file)
    assert said[0] in checked.stderr.splitlines()


def test_what_every_process_says_is_one_note(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text(f"def f(x): return {'x' + '.real' * 700}\n")
    (tmp_path / "p.py").write_text("""
import multiprocessing, deep
if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=deep.f, args=(1,))
    process.start()
    process.join()
""")
    assert len(run(tmp_path, "p.py").trace.notes) == 1
