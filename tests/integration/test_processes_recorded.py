"""Processes of programs that record themselves, without `trace run`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import environment
from test_processes import METHODS

import tracer
from tracer import Op

PROGRAM = """
import multiprocessing as standard, sys
import tracer
from tracer import multiprocessing
from tracer.multiprocessing import Process, get_context

def work(lock, queue, counter):
    with lock:
        counter.value += 1
    queue.put("from the child")

def square(n):
    return n * n

if __name__ == "__main__":
    assert multiprocessing is standard and Process is standard.Process
    context = get_context(sys.argv[1])
    print(type(context).__name__)
    with tracer.record("t.msgpack", force=True):
        lock, queue, counter = context.Lock(), context.Queue(), context.Value("i", 0)
        children = [context.Process(target=work, args=(lock, queue, counter)) for _ in range(2)]
        for child in children:
            child.start()
        print([queue.get() for _ in children])
        for child in children:
            child.join()
        with context.Pool(2) as pool:
            print(pool.map(square, [1, 2, 3]))
            pool.close()
            pool.join()
    late = context.Process(target=square, args=(2,))
    late.start()
    late.join()
    print(counter.value, late.exitcode)
"""


@pytest.mark.parametrize("method", METHODS)
def test_children_are_recorded_with_their_parent(tmp_path: Path, method: str) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "p.py", method],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:] == [
        "['from the child', 'from the child']",
        "[1, 4, 9]",
        "2 0",
    ]
    trace = tracer.load(tmp_path / "t.msgpack")
    rows = [(p.path, p.exit_status) for p in trace.processes]
    # How this process itself ends is not known when the recording does.
    assert rows[0] == ("main", None)
    assert sorted(rows[1:]) == [(f"main/p{i}", 0) for i in range(1, 5)]
    puts = {e.seq: e for e in trace.events.filter(op=Op.PUT)}
    gets = list(trace.events.filter(op=Op.GET))
    assert sorted(get.link for get in gets) == sorted(puts)  # type: ignore[type-var]
    assert {puts[get.link or 0].thread.process.path for get in gets} == {"main/p1", "main/p2"}
    held = [e for e in trace.events.filter(op=Op.ACQUIRE) if e.object.kind == "Lock"]
    assert sorted(e.thread.path for e in held) == ["main/p1", "main/p2"]
    # A child joins its queue's feeder thread, too.
    joins = [e.value for e in trace.events.filter(op=Op.JOIN) if e.thread.path == "main"]
    assert joins[:2] == [0, 0]
    assert len(list(trace.events.filter(op=Op.FINISH))) >= 2
    assert trace.findings() == []
