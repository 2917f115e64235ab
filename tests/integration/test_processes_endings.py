"""Pools, executors and children that come to an end in the middle: as without us, and recorded."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from commandline import TRACE, environment, run
from test_processes import METHODS, recorded_source

import tracer
from tracer import Op, Outcome


def linked(trace: tracer.Trace) -> Counter[Op]:
    """How many events of each kind; each RUN is that of a SUBMIT, each result comes of a FINISH."""
    for ran in trace.events.filter(op=Op.RUN):
        assert trace.events.at(ran.link or 0).op is Op.SUBMIT
    finishes = list(trace.events.filter(op=Op.FINISH))
    for result in trace.events.filter(op=Op.RESULT):
        if result.outcome is Outcome.OK:
            own = [e for e in finishes if e.object == result.object]
            assert any(trace.happens_before(finish, result) for finish in own)
    return Counter(event.op for event in trace.events)


@pytest.mark.parametrize("method", METHODS)
def test_a_pool_replaces_its_workers(tmp_path: Path, method: str) -> None:
    source = """
def work(n): return n * n
if __name__ == "__main__":
    with context.Pool(2, maxtasksperchild=2) as pool:
        print(pool.map(work, range(6), chunksize=1))
        print(sorted(pool.imap_unordered(work, range(4))))
        # With a chunksize: else CPython divides by the number of workers, which is 0 at times.
        print(pool.starmap(pow, [(2, 3), (3, 2)], chunksize=1))
        pool.close()
        pool.join()
"""
    trace = recorded_source(tmp_path, source, method).trace
    count = linked(trace)
    assert count[Op.RUN] == count[Op.FINISH] == 12
    workers = Counter(e.thread.process for e in trace.events.filter(op=Op.RUN))
    assert len(workers) >= 6
    assert max(workers.values()) <= 2
    assert {process.exit_status for process in trace.processes} == {0}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("end", "status"), [("os._exit(7)", 7), ("os.kill(os.getpid(), 9)", -9)])
def test_a_worker_of_a_pool_dies(tmp_path: Path, method: str, end: str, status: int) -> None:
    source = f"""
def work(n):
    if n == 1:
        {end}
    return n * n
if __name__ == "__main__":
    with context.Pool(2) as pool:
        results = [pool.apply_async(work, (n,)) for n in range(4)]
        for n in 0, 2, 3:
            print(results[n].get(30))
        print(results[1].ready())
"""
    trace = recorded_source(tmp_path, source, method).trace
    count = linked(trace)
    assert (count[Op.SUBMIT], count[Op.RUN], count[Op.FINISH]) == (4, 4, 3)
    died = [p for p in trace.processes if p.exit_status == status]
    assert len(died) == 1
    assert [e.op for e in trace.events if e.thread.process is died[0]][-1] != Op.FINISH
    # The others are ended by the pool, unless they have ended before.
    assert {p.exit_status for p in trace.processes} <= {0, -15, status}


@pytest.mark.parametrize("method", METHODS)
def test_errors_and_callbacks(tmp_path: Path, method: str) -> None:
    source = """
from multiprocessing.pool import ThreadPool
def work(n): return 1 / n
def show(x): print("called back", x, flush=True)
if __name__ == "__main__":
    for pool in context.Pool(2), ThreadPool(2):
        with pool:
            for n in 0, 2:
                result = pool.apply_async(work, (n,), callback=show, error_callback=show)
                result.wait()
                print(result.successful())
            print(pool.map_async(work, [1, 2], callback=show).get())
            print(pool.starmap_async(divmod, [(7, 3)], callback=show).get())
            for numbers in pool.imap(work, [1, 0]), pool.imap_unordered(work, [0, 1], 2):
                try:
                    print(list(numbers))
                except ZeroDivisionError as error:
                    print(error)
            never = context.Event()
            try:
                pool.apply_async(os.getpid, ("too many",)).get()
            except TypeError as error:
                print(error)
        try:
            pool.apply(work, (1,))
        except ValueError as error:
            print(error)
"""
    trace = recorded_source(tmp_path, source, method).trace
    count = linked(trace)
    assert count[Op.CALLBACK] == 8
    failed = [e for e in trace.events.filter(op=Op.RESULT) if e.outcome is Outcome.RAISED]
    assert Counter(e.value for e in failed) == {"ZeroDivisionError": 4, "TypeError": 2}
    assert trace.findings() == []


@pytest.mark.parametrize("method", METHODS)
def test_executors(tmp_path: Path, method: str) -> None:
    source = """
import threading
from concurrent.futures import *
def work(n): return 1 / n
def held(opened): return opened.wait()
if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        futures = [executor.submit(work, n) for n in (1, 2, 4)]
        print(len(wait(futures).done), sorted(f.result() for f in as_completed(futures)))
        print(list(executor.map(work, [1, 2, 4, 8], chunksize=2)))
        print(type(executor.submit(work, 0).exception()))
    opened = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        first = executor.submit(held, opened)
        second = executor.submit(work, 1)
        second.add_done_callback(lambda f: print("cancelled", f.cancelled()))
        print(second.cancel(), second.done(), len(wait([first, second], 0.01).not_done))
        opened.set()
        print(first.result())
        try:
            second.result()
        except CancelledError as error:
            print(type(error))
"""
    trace = recorded_source(tmp_path, source, method).trace
    count = linked(trace)
    assert count[Op.SUBMIT] == 8
    assert count[Op.RUN] == 7
    (cancel,) = trace.events.filter(op=Op.CANCEL)
    back = next(e for e in trace.events.filter(op=Op.CALLBACK) if e.object == cancel.object)
    assert trace.happens_before(cancel, back)
    assert {process.exit_status for process in trace.processes} == {0}
    assert trace.findings() == []


@pytest.mark.parametrize("method", METHODS)
def test_a_process_pool_is_broken(tmp_path: Path, method: str) -> None:
    source = """
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
if __name__ == "__main__":
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        future = executor.submit(os._exit, 5)
        for broken in future.result, lambda: executor.submit(print):
            try:
                broken()
            except BrokenProcessPool as error:
                print(error)
"""
    trace = recorded_source(tmp_path, source, method).trace
    linked(trace)
    assert [process.exit_status for process in trace.processes] == [0, 5]
    (result,) = trace.events.filter(op=Op.RESULT)
    assert (result.outcome, result.value) == (Outcome.RAISED, "BrokenProcessPool")


@pytest.mark.parametrize("method", METHODS)
def test_a_process_is_terminated_while_it_feeds_a_queue(tmp_path: Path, method: str) -> None:
    source = """
def work(queue):
    while True:
        queue.put("x" * 100_000)
if __name__ == "__main__":
    queue = context.Queue()
    process = context.Process(target=work, args=(queue,))
    process.start()
    for _ in range(5):
        queue.get()
    process.terminate()
    process.join()
    print(process.exitcode)
"""
    trace = recorded_source(tmp_path, source, method).trace
    assert [process.exit_status for process in trace.processes] == [0, -15]
    gets = list(trace.events.filter(op=Op.GET))
    puts = [trace.events.at(get.link or 0) for get in gets]
    assert [put.op for put in puts] == [Op.PUT] * 5
    assert [put.thread.internal for put in puts] == [False] * 5
    assert [put.seq for put in puts] == sorted(put.seq for put in puts)


INTERRUPTED = """
import multiprocessing, os, sys
context = multiprocessing.get_context(sys.argv[1])
def work(never, parent):
    try:
        print(parent, flush=True)
        never.wait()
    except KeyboardInterrupt:
        print("the child too", flush=True)
        raise SystemExit(4)
if __name__ == "__main__":
    never = context.Event()
    process = context.Process(target=work, args=(never, os.getpid()))
    process.start()
    process.join()
"""


def await_join(pid: int) -> None:
    """Wait until the process sleeps in the kernel's wait or poll: it joins a child."""
    while not re.match("do_wait|.*poll", Path(f"/proc/{pid}/wchan").read_text()):
        os.sched_yield()


@pytest.mark.parametrize("method", METHODS)
def test_ctrl_c_reaches_the_children(tmp_path: Path, method: str) -> None:
    (tmp_path / "p.py").write_text(INTERRUPTED)
    ends = []
    for command in [sys.executable], [*TRACE, "run", "-o", "t.msgpack"]:
        with subprocess.Popen(
            [*command, "p.py", method],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as run:
            assert run.stdout is not None
            await_join(int(run.stdout.readline()))
            os.killpg(run.pid, signal.SIGINT)
            stdout, stderr = run.communicate(timeout=30)
        lines = [line for line in stderr.splitlines() if not line.startswith("trace: ")]
        ends.append((run.returncode, stdout, sorted(lines)))
    assert ends[0] == ends[1]
    trace = tracer.load(tmp_path / "t.msgpack")
    assert [process.exit_status for process in trace.processes] == [-signal.SIGINT, 4]


def test_an_orphan_whose_main_thread_has_ended_is_waited_for(tmp_path: Path) -> None:
    """It is a zombie to the kernel, without memory, and goes on in another thread."""
    (tmp_path / "p.py").write_text("""
import ctypes, os, platform, threading, time
alone, kept = os.pipe()
def last():
    os.read(alone, 1)
    time.sleep(0.3)
    print("late", flush=True)
    os._exit(7)
if os.fork() == 0:
    os.close(kept)
    threading.Thread(target=last).start()
    exit_of_a_thread = {"x86_64": 60, "aarch64": 93}[platform.machine()]
    ctypes.CDLL(None).syscall(exit_of_a_thread, 0)
""")
    done = run(tmp_path, "p.py", options=("--orphans", "60"))
    assert done.stdout == "late\n"
    assert [process.exit_status for process in done.trace.processes] == [0, 7]
    assert [event.value for event in done.trace.events.filter(op=Op.OUTPUT)] == ["late"]
