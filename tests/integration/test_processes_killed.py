"""Processes that are killed before they have told anything of themselves: their parents tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import run
from test_processes import METHODS, recorded_source

import tracer
from tracer import Op

pytestmark = pytest.mark.one_version


def rows(trace: tracer.Trace) -> list[tuple[str, str, str, int | None]]:
    """All rows but the first; of each the pid is known."""
    assert 0 not in [process.pid for process in trace.processes]
    first, *others = trace.processes
    assert (first.path, first.parent) == ("main", None)
    assert {process.parent for process in others} == {first}
    return [(p.path, p.name, p.start_method, p.exit_status) for p in others]


@pytest.mark.parametrize("method", METHODS)
def test_a_process_is_killed_as_soon_as_it_is_started(tmp_path: Path, method: str) -> None:
    source = """
import signal
if __name__ == "__main__":
    for number in range(10):
        process = context.Process(target=signal.pause, name=f"worker-{number}")
        process.start()
        process.kill()
        process.join()
        print(process.exitcode)
"""
    trace = recorded_source(tmp_path, source, method).trace
    expected = [(f"main/p{n + 1}", f"worker-{n}", method, -9) for n in range(10)]
    assert sorted(rows(trace)) == sorted(expected)
    assert [event.value for event in trace.events.filter(op=Op.JOIN)] == [-9] * 10


# A handler of the C library's that runs in the child before anything of Python's does.
ABORTED = """
import ctypes
libc = ctypes.CDLL(None)
libc.__register_atfork(None, None, libc.abort, None)
"""


def test_a_forked_process_never_gets_as_far_as_python(tmp_path: Path) -> None:
    source = f"""
{ABORTED}
process = context.Process(target=print)
process.start()
process.join()
print(process.exitcode)
pid = os.fork()
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    assert rows(trace) == [
        ("main/p1", "ForkProcess-1", "fork", -6),
        ("main/p2", "main/p2", "fork", -6),
    ]
    assert {event.thread.path for event in trace.events} == {"main"}


@pytest.mark.parametrize(
    ("aborted", "status"), [("", 0), (ABORTED, None)], ids=["child goes on", "child killed"]
)
def test_the_parent_is_killed_before_it_tells(
    tmp_path: Path, aborted: str, status: int | None
) -> None:
    """A child tells for itself then; if it is killed too, nothing is known of it."""
    (tmp_path / "p.py").write_text(f"""
import os, signal
{aborted}
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGKILL))
os.fork()
print("child", flush=True)
""")
    done = run(tmp_path, "p.py")
    assert done.status == -9
    trace = done.trace
    child = [] if status is None else [("main/p1", status)]
    assert [(p.path, p.exit_status) for p in trace.processes] == [("main", -9), *child]
    assert [e.thread.process.path for e in trace.events.filter(op=Op.START)] == ["main"]
    said = [(e.thread.path, e.value) for e in trace.events.filter(op=Op.OUTPUT)]
    assert said == [(path, "child") for path, _ in child]


@pytest.mark.parametrize("method", METHODS)
def test_a_pool_is_terminated_at_once(tmp_path: Path, method: str) -> None:
    source = """
if __name__ == "__main__":
    for _ in range(3):
        pool = context.Pool(3, maxtasksperchild=1)
        pool.terminate()
        pool.join()
"""
    trace = recorded_source(tmp_path, source, method).trace
    found = rows(trace)
    assert len({path for path, *_ in found}) == len(found) >= 9
    assert {status for *_, status in found} <= {0, -15}


@pytest.mark.parametrize("method", METHODS)
def test_the_workers_of_an_executor_are_killed_at_once(tmp_path: Path, method: str) -> None:
    source = """
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        future = executor.submit(context.Event)
        for process in multiprocessing.active_children():
            process.kill()
        try:
            future.result()
        except BrokenProcessPool as error:
            print(error)
"""
    trace = recorded_source(tmp_path, source, method).trace
    found = rows(trace)
    assert 1 <= len(found) <= 2
    assert {status for *_, status in found} <= {-9, -15}


def test_a_program_is_killed_as_soon_as_it_is_started(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("""
import subprocess, sys
process = subprocess.Popen([sys.executable, "-c", "pass"])
process.kill()
print(process.wait())
""")
    done = run(tmp_path, "p.py", options=("--follow-subprocess",))
    assert done.stdout == "-9\n"
    assert rows(done.trace) == [("main/p1", "-c", "subprocess", -9)]
