"""Threads that are older than what the program records of itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import invoke

import tracer
from tracer import Op, Trace

# Threads that serve orders; main hands them over, and joins the threads in the recording.
PROGRAM = """
{first}
import queue
import tracer

total = 0
lock = threading.Lock()

def add():
    global total
    {add}

def serve(orders):
    while orders.get():
        add()
        orders.task_done()

orders = [queue.Queue() for _ in range(2)]
servers = [threading.Thread(target=serve, args=(one,)) for one in orders]
for server in servers:
    server.start()

def hand_over():
    for one in orders:
        one.put(True)
    for one in orders:
        one.join()

def end():
    for one in orders:
        one.put(False)
    for server in servers:
        server.join()
    assert total == {total}

with tracer.record("first.msgpack"):
    hand_over()
with tracer.record("second.msgpack"):
    hand_over()
    end()
"""
SEEN, UNSEEN = "from tracer import threading", "import threading"
RACY, LOCKED = "total += 1", "with lock: total += 1"


def recorded(folder: Path, first: str, add: str) -> list[Trace]:
    (folder / "p.py").write_text(PROGRAM.format(first=first, add=add, total=4))
    subprocess.run([sys.executable, "p.py"], cwd=folder, check=True, timeout=60)
    return [tracer.load(folder / f"{name}.msgpack") for name in ("first", "second")]


@pytest.mark.parametrize("add", [RACY, LOCKED])
def test_they_are_recorded_in_each_recording(tmp_path: Path, add: str) -> None:
    traces = recorded(tmp_path, SEEN, add)
    for trace in traces:
        writes = trace.events.filter(op=Op.WRITE, location="total")
        assert {event.thread.path for event in writes} == {"main~1", "main~2"}
        kinds = {one.kind for one in trace.findings()}
        assert kinds == ({"lost-update"} if add == RACY else set())
        assert trace.verdict().word == ("findings" if add == RACY else "clean")
    joins = list(traces[1].events.filter(op=Op.JOIN, object="Thread-1 (serve)"))
    assert joins
    assert len(list(traces[1].events.filter(op=Op.END))) == 2


def test_those_whose_begin_was_not_seen_are_named(tmp_path: Path) -> None:
    for trace in recorded(tmp_path, UNSEEN, LOCKED):
        assert {event.thread.path for event in trace.events} == {"main"}
        (reason,) = [one for one in trace.verdict().reasons if one.kind == "not-recorded"]
        said = "Thread-1 (serve) and Thread-2 (serve) were started before the recording"
        assert reason.text == f"{said}: what they did is not recorded"


def test_such_a_recording_is_not_replayed(tmp_path: Path) -> None:
    recorded(tmp_path, SEEN, LOCKED)
    done = invoke(tmp_path, "replay", "first.msgpack")
    assert done.returncode == 2
    assert "cannot be replayed: Thread-1 (serve), Thread-2 (serve) ran before" in done.stderr


def test_those_that_do_nothing_are_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("""
from tracer import threading
import tracer
stop = threading.Event()
threading.Thread(target=stop.wait).start()
shared = []
def work():
    threads = [threading.Thread(target=shared.append, args=(n,)) for n in range(2)]
    for one in threads: one.start()
    for one in threads: one.join()
with tracer.record("t.msgpack"):
    work()
assert threading.current_thread() is threading.main_thread()
stop.set()
""")
    subprocess.run([sys.executable, "p.py"], cwd=tmp_path, check=True, timeout=60)
    assert tracer.load(tmp_path / "t.msgpack").verdict().word == "clean"
    done = subprocess.run(
        [sys.executable, "-m", "racetrace", "replay", "--trust", "t.msgpack"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
