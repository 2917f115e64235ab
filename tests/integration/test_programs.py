"""The tutorial's programs of threads, each recorded by the real command."""

from __future__ import annotations

import re
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from commandline import TRACE, TUTORIAL, Recorded, environment, plain, run

import tracer
from tracer import Op, Outcome


def recorded(folder: Path, name: str, *, numbers: bool = True) -> Recorded:
    """The program's run, after it was compared with that under plain python; without the `numbers`
    that it prints, if these are a matter of chance."""
    program = str(TUTORIAL / f"{name}.py")
    done = run(folder, program)
    expected = plain(folder, program)
    assert done.status == expected.returncode, done.stderr
    # Threads may interleave within a line, and how far each gets is theirs in either run.
    texts = [
        sorted(text if numbers else re.sub("[0-9]", "", text))
        for text in (done.stdout, expected.stdout)
    ]
    assert texts[0] == texts[1]
    assert done.program_stderr == expected.stderr
    return done


def ops(trace: tracer.Trace) -> Counter[Op]:
    return Counter(event.op for event in trace.events)


def thread_ops(trace: tracer.Trace, path: str) -> list[Op]:
    thread = next(thread for thread in trace.threads if thread.path == path)
    return [event.op for event in trace.events.filter(thread=thread)]


def findings(trace: tracer.Trace) -> list[tuple[str, str]]:
    return [(finding.kind, finding.status) for finding in trace.findings()]


@pytest.mark.parametrize("name", ["sleeping_thread", "thread_subclass"])
def test_a_sleeping_thread_outlives_main(tmp_path: Path, name: str) -> None:
    trace = recorded(tmp_path, name).trace
    hidden = (Op.READ, Op.STEP)  # a print makes steps under PYTHONUNBUFFERED
    in_thread = [op for op in thread_ops(trace, "main.1") if op not in hidden]
    assert in_thread == [Op.BEGIN, Op.OUTPUT, Op.SLEEP, Op.WAKE, Op.OUTPUT, Op.END]
    ends = [event.thread.path for event in trace.events.filter(op=Op.END)]
    assert ends == ["main", "main.1"]
    texts = [event.value for event in trace.events.filter(op=Op.OUTPUT)]
    assert sorted(map(str, texts)) == ["end of worker", "main is done", "start of worker"]
    assert findings(trace) == []
    if name == "thread_subclass":
        assert "Worker" in {event.object.kind for event in trace.events.filter(op=Op.START)}


def test_fifty_threads_sleep_at_once(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "fifty_sleepers").trace
    counted = ops(trace)
    for op in (Op.START, Op.JOIN, Op.SLEEP, Op.WAKE):
        assert counted[op] == 50
    assert counted[Op.BEGIN] == counted[Op.END] == 51
    assert findings(trace) == []


def test_a_daemon_thread_is_killed_in_its_sleep(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "killed_daemon").trace
    assert trace.threads[1].daemon
    assert thread_ops(trace, "main.1")[-1] == Op.SLEEP
    assert findings(trace) == []


def test_an_unlocked_decrement_could_lose_updates(tmp_path: Path) -> None:
    done = recorded(tmp_path, "decrement", numbers=False)
    trace = done.trace
    lost = [finding for finding in trace.findings() if finding.kind == "lost-update"]
    assert len(lost) == 1
    happened = "final 0" not in done.stdout
    assert lost[0].status == ("observed" if happened else "predicted")
    assert lost[0].location is not None
    assert lost[0].location.name.endswith("num")
    writes = trace.events.filter(op=Op.WRITE, location=lost[0].location)
    assert sum(event.thread.path != "main" for event in writes) == 100


def test_a_decrement_in_two_steps_loses_updates(tmp_path: Path) -> None:
    done = recorded(tmp_path, "decrement_in_steps")
    lost = [finding for finding in done.trace.findings() if finding.kind == "lost-update"]
    assert [finding.status for finding in lost] == ["observed"]
    assert lost[0].total == 100
    assert lost[0].count > 50
    assert "read 100" in lost[0].explanation
    assert "Lost update" in done.stderr


def test_a_locked_decrement_is_clean(tmp_path: Path) -> None:
    done = recorded(tmp_path, "locked_decrement")
    assert done.stdout == "final 0\n"
    trace = done.trace
    counted = ops(trace)
    assert counted[Op.ACQUIRE] == counted[Op.RELEASE] == 100
    assert findings(trace) == []


def test_an_rlock_is_taken_again_by_its_holder(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "rlock_twice").trace
    counted = ops(trace)
    assert counted[Op.ACQUIRE] == counted[Op.RELEASE] == 30
    assert counted[Op.OBSERVE] >= 1
    assert findings(trace) == []


def test_a_semaphore_lets_five_in(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "semaphore").trace
    inside = most = 0
    for event in trace.events:
        if event.op == Op.ACQUIRE and event.outcome == Outcome.OK:
            inside += 1
        elif event.op == Op.RELEASE:
            inside -= 1
        most = max(most, inside)
    assert most == 5
    linked = [event for event in trace.events.filter(op=Op.ACQUIRE) if event.link]
    assert len(linked) == 15
    assert all(trace.events.at(event.link).op == Op.RELEASE for event in linked)
    assert findings(trace) == []


def test_a_timer_fires_and_another_is_cancelled(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "timers").trace
    counted = ops(trace)
    assert counted[Op.FIRE] == counted[Op.CANCEL] == 1
    assert findings(trace) == []


def test_a_program_without_end_is_interrupted(tmp_path: Path) -> None:
    # Unbuffered: with a buffer, plain python too may abort ("could not acquire lock for
    # <_io.BufferedWriter name='<stdout>'> at interpreter shutdown"), where a daemon has it.
    file = tmp_path / "t.msgpack"
    command = [*TRACE, "run", "-o", str(file), str(TUTORIAL / "traffic_light.py")]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while "drives" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert stderr.count("KeyboardInterrupt\n") == 1
    counted = ops(tracer.load(file))
    assert counted[Op.SET] >= 1
    assert counted[Op.IS_SET] >= 1


def test_a_door_waits_for_ever(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "door").trace
    door = next(thread for thread in trace.threads if thread.name == "door")
    last = list(trace.events.filter(thread=door))[-1]
    assert last.op == Op.REQUEST
    assert last.value == "wait"
    waits = list(trace.events.filter(op=Op.WAIT))
    assert len(waits) == 3
    assert all(trace.events.at(wait.link).op == Op.SET for wait in waits)


def test_queues_of_three_kinds(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "three_queues").trace
    assert {"Queue", "LifoQueue", "PriorityQueue"} <= {item.kind for item in trace.objects}
    gets = [event for event in trace.events.filter(op=Op.GET) if event.outcome == Outcome.OK]
    assert len(gets) == 9
    for get in gets:
        assert get.link is not None
        assert trace.events.at(get.link).op == Op.PUT
    first_of_each = [trace.events.at(get.link or 0).value for get in gets[::3]]
    assert first_of_each == [3, 2, 1]
    outcomes = Counter(event.outcome for event in trace.events if event.op in (Op.PUT, Op.GET))
    assert outcomes[Outcome.WOULD_BLOCK] == outcomes[Outcome.TIMED_OUT] == 6
    assert findings(trace) == []


def test_a_queue_is_joined_when_all_is_eaten(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "joined_queue").trace
    puts = [event.value for event in trace.events.filter(op=Op.PUT)]
    gets = list(trace.events.filter(op=Op.GET))
    assert puts == [f"包子 {number}" for number in range(10)]
    assert [trace.events.at(get.link or 0).value for get in gets] == puts
    done = list(trace.events.filter(op=Op.TASK_DONE))
    assert [event.value for event in done] == list(range(9, -1, -1))
    (join,) = (event for event in trace.events.filter(op=Op.JOIN) if event.object.kind == "Queue")
    assert join.link in (done[-1].seq, None)
    (found,) = trace.findings()
    assert (found.kind, found.status) == ("atomicity-violation", "predicted")
    check, put = (trace.events.at(seq) for seq in found.witness or ())
    assert (check.op, check.value, put.op) == (Op.QSIZE, 10, Op.PUT)
    assert check.thread != put.thread


def test_a_consumer_that_asks_first(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "asks_first").trace
    counted = ops(trace)
    assert counted[Op.PUT] == counted[Op.GET] == 10
    assert counted[Op.EMPTY] >= 10
