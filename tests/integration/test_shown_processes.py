"""Tables, pictures and counts of programs of several processes."""

from __future__ import annotations

import re
from pathlib import Path

from commandline import TUTORIAL, invoke, run

from tracer import Op
from tracer.reporters import dot, graph
from tracer.reporters.table import table
from tracer.reporters.window import Window, select


def test_threads_of_the_standard_library_are_hidden_but_with_full(tmp_path: Path) -> None:
    recorded = run(tmp_path, str(TUTORIAL / "process_queue.py"))
    trace = recorded.trace
    assert [thread.internal for thread in trace.threads] == [False, False, True]
    assert " 2 threads, 2 processes" in recorded.stderr

    lines = list(table(trace, width=160))
    text = "\n".join(lines)
    assert "2 threads, 2 processes; 1 thread of the standard library not shown" in lines[0]
    assert "QueueFeederThread" not in text
    assert "put <list> → q" in text
    full = "\n".join(table(trace, Window(everything=True), width=160))
    assert "start QueueFeederThread" in full
    assert "3 threads, 2 processes" in full

    # Who asks for a thread gets it, and numbers keep their meaning.
    feeder = select(trace, Window(thread="QueueFeederThread")).events
    assert {event.thread.name for event in feeder} == {"QueueFeederThread"}
    assert all(event.thread.name == "MainThread" for event in select(trace, Window(head=9)).events)

    assert "QueueFeederThread" not in dot.source(graph.of_trace(trace))
    assert "QueueFeederThread" in dot.source(graph.of_trace(trace, Window(everything=True)))

    # JSON says which threads are internal, and keeps all events.
    done = invoke(tmp_path, "show", recorded.file, "--format", "json", "--head", "500")
    assert done.stdout.count('"seq":') == len(trace.events)


def test_lanes_and_columns_stand_by_process(tmp_path: Path) -> None:
    trace = run(tmp_path, str(TUTORIAL / "pool_tasks.py")).trace
    lines = list(table(trace, width=260))
    assert lines[2].split()[0] == "MainProcess"
    workers = re.findall(r"ForkPoolWorker-(\d)", lines[2])
    assert len(workers) >= 4
    assert workers == sorted(workers)
    assert "/" not in lines[3]
    assert any(re.search(r"start ForkPoolWorker-1\b(?!/)", line) for line in lines)

    picture = dot.source(graph.of_trace(trace))
    for name in ("MainProcess", *(f"ForkPoolWorker-{n}" for n in range(1, 6))):
        assert f"label={name} " in picture or f'label="{name}" ' in picture
    # A task is drawn whole, from its submission to its callback.
    for word in ("submit square as", "run", "finish", "callback"):
        assert f"{word} ApplyResult@pool_tasks.py:13" in picture
    assert "_handle_workers" not in picture
    # While a worker has a task its lane is thick, and the legend says so.
    finish = next(trace.events.filter(op=Op.FINISH))
    (above,) = re.findall(rf"-> e{finish.seq} \[.*penwidth=(\d)", picture)
    (begun,) = re.findall(
        rf"-> e{next(trace.events.filter(op=Op.RUN)).seq} \[arrowhead=none.*penwidth=(\d)", picture
    )
    assert int(above) > int(begun)
    assert "has a task" in picture


def test_processes_that_do_the_same_are_one_lane(tmp_path: Path) -> None:
    trace = run(tmp_path, str(TUTORIAL / "process_lock.py")).trace
    # There are those that waited for the lock, and those that did not: five at least of one sort.
    assert re.search("and [4-9] more processes like this", dot.source(graph.of_trace(trace)))


def test_one_process_has_no_title(tmp_path: Path) -> None:
    trace = run(tmp_path, str(TUTORIAL / "thread_subclass.py")).trace
    assert "MainProcess" not in "\n".join(table(trace)) + dot.source(graph.of_trace(trace))
