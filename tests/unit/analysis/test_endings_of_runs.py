"""What is said of a run that was cut off, by the header and the tables of its trace."""

from __future__ import annotations

import signal

import pytest
from builder import Builder

from tracer.analysis import endings
from tracer.events import Op, Process, Reason
from tracer.trace import Trace

SCRIPT = {"mode": "script", "exit_status": {"1": 0}}


def two_threads(*, second_ends: bool = True) -> Trace:
    b = Builder()
    b.emit(1, Op.BEGIN, b.object("Thread", "MainThread"))
    worker = b.start()
    if second_ends:
        b.end(worker)
    return b.trace()


def with_status(trace: Trace, status: int | None, **header: object) -> Trace:
    """The run of one process that ended so."""
    trace.header.update({**SCRIPT, **header})
    (process,) = trace.processes
    trace.__dict__["processes"] = (Process(1, process.path, 7, status, None, "", "MainProcess"),)
    return trace


def kinds(trace: Trace) -> list[str]:
    found: list[Reason] = []
    for reasons in (endings.stopped, endings.killed, endings.left_threads, endings.unknown_end):
        found += reasons(trace)
    assert all(one.text and one.advice.endswith(".") for one in found)
    return [one.kind for one in found]


def test_a_run_that_ended_by_itself_has_no_reason() -> None:
    for status in (0, 1, 120):
        assert kinds(with_status(two_threads(), status)) == []


def test_ended_by_a_timeout() -> None:
    stopped = {"signals": [signal.SIGINT], "seq": 3}
    trace = with_status(two_threads(), -2, timeout=2.0, stopped=stopped)
    assert kinds(trace) == ["timeout"]
    (reason,) = endings.stopped(trace)
    assert "after 2 s" in reason.text
    assert "--seed 0" in reason.advice
    trace.header["control"] = {"seed": 1}
    (reason,) = endings.stopped(trace)
    assert "--seed" not in reason.advice


@pytest.mark.parametrize(
    ("number", "status", "expected"),
    [
        (signal.SIGINT, -2, ["interrupted"]),
        (signal.SIGINT, 0, ["interrupted"]),
        (signal.SIGTERM, -15, ["interrupted"]),
        (signal.SIGTERM, 0, []),  # it has a handler, and came to its end
        (signal.SIGTERM, 1, ["interrupted"]),
    ],
)
def test_ended_by_a_signal_to_the_run(number: int, status: int, expected: list[str]) -> None:
    trace = with_status(two_threads(), status, stopped={"signals": [number], "seq": 3})
    assert kinds(trace) == expected


def test_killed_by_a_signal_of_nobody() -> None:
    trace = with_status(two_threads(second_ends=False), -9)
    assert kinds(trace) == ["killed"]
    (reason,) = endings.killed(trace)
    assert reason.text.startswith("MainProcess was killed by SIGKILL")
    (reason,) = endings.killed(with_status(two_threads(), -11))
    assert "faulthandler" in reason.advice


def test_terminated_by_the_run() -> None:
    b = Builder()
    b.emit(1, Op.TERMINATE, b.object("Process", "p", 1), value=15)
    assert kinds(with_status(b.trace(), -15)) == []
    assert kinds(with_status(b.trace(), -9)) == ["killed"]


def test_a_process_that_has_killed_itself() -> None:
    """That is its end, as os._exit is: a reason is who was still at work then."""
    for busy, expected in ((False, []), (True, ["threads-cut-off"])):
        b = Builder()
        main = b.object("Thread", "MainThread")
        b.emit(1, Op.BEGIN, main)
        worker = b.start()
        if not busy:
            b.end(worker)
        b.emit(1, Op.TERMINATE, b.thread_object(worker), value=15)
        trace = with_status(b.trace(), -15)
        assert kinds(trace) == expected
        assert kinds(with_status(b.trace(), -9)) == ["killed"]
    (reason,) = endings.left_threads(trace)
    assert reason.text.endswith("still running when MainProcess ended itself by SIGTERM")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (signal.SIGSEGV, "it crashed in C code"),
        (signal.SIGPIPE, "what was to read its output had gone"),
        (signal.SIGALRM, "its alarm went off, and nothing handled it"),
        (signal.SIGTERM, "nothing in the trace says by whom"),
    ],
)
def test_the_signal_says_why(number: signal.Signals, why: str) -> None:
    (reason,) = endings.killed(with_status(two_threads(), -number))
    assert reason.text == f"MainProcess was killed by {number.name}: {why}"


def test_threads_that_were_cut_off_by_the_end_of_their_process() -> None:
    assert kinds(with_status(two_threads(second_ends=False), 0)) == ["threads-cut-off"]
    # Who calls os._exit has no end.
    assert kinds(with_status(two_threads(), 0)) == []
    # In a part of a program threads go on.
    assert kinds(with_status(two_threads(second_ends=False), 0, mode="record")) == []


def test_the_supervisor_was_killed() -> None:
    trace = with_status(two_threads(), None)
    del trace.header["exit_status"]
    assert kinds(trace) == ["unknown-end"]
