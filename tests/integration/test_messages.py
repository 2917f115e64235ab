"""Messages and tasks between processes: queues, pipes, pools and executors in whole programs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from commandline import TUTORIAL, plain, run

from tracer import Op

METHODS = ("fork", "spawn", "forkserver")

QUEUES = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor

def work(queue, joinable, simple, conn):
    queue.put("from the child")
    joinable.put(1)
    simple.put((1, 2))
    conn.send("hello")
    conn.send_bytes(b"bytes")
    print(conn.recv())
    conn.close()

def double(n):
    return 2 * n

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    queue, joinable, simple = context.Queue(), context.JoinableQueue(), context.SimpleQueue()
    mine, its = context.Pipe()
    child = context.Process(target=work, args=(queue, joinable, simple, its))
    child.start()
    print(queue.get(), joinable.get(), simple.get(), mine.recv(), mine.recv_bytes())
    joinable.task_done()
    joinable.join()
    mine.send("bye")
    child.join()
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        print(executor.submit(double, 4).result())
"""


@pytest.mark.parametrize("method", METHODS)
def test_messages_are_linked_under_each_start_method(tmp_path: Path, method: str) -> None:
    script = tmp_path / "program.py"
    script.write_text(QUEUES)
    expected = plain(tmp_path, str(script), method)
    recorded = run(tmp_path, str(script), method)
    assert (recorded.status, recorded.stdout) == (0, expected.stdout), recorded.stderr
    assert recorded.program_stderr == expected.stderr
    trace = recorded.trace
    puts = {event.seq: event for event in trace.events.filter(op="put")}
    gets = list(trace.events.filter(op="get"))
    assert [puts[get.link].object for get in gets] == [get.object for get in gets]
    assert all(puts[get.link].thread.process != get.thread.process for get in gets)
    sends, receives = ([*trace.events.filter(op=op)] for op in ("send", "recv"))
    assert len(sends) == len(receives) == 3
    for send in sends:
        assert any(trace.happens_before(send, receive) for receive in receives)
    (submit,), (ran,) = (list(trace.events.filter(op=op)) for op in ("submit", "run"))
    (finish,), (result,) = (list(trace.events.filter(op=op)) for op in ("finish", "result"))
    assert ran.link == submit.seq
    assert submit.object == ran.object == finish.object == result.object
    assert ran.thread.process != submit.thread.process
    assert trace.happens_before(finish, result)
    assert trace.findings() == []


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["process_queue", "process_pipe", "pool_calls"])
def test_programs_of_the_tutorial(tmp_path: Path, name: str, method: str) -> None:
    script = str(TUTORIAL / f"{name}.py")
    expected, recorded = plain(tmp_path, script, method), run(tmp_path, script, method)
    assert (recorded.status, sorted(recorded.stdout)) == (0, sorted(expected.stdout))
    assert recorded.program_stderr == expected.stderr
    assert recorded.trace.findings() == []


@pytest.mark.skipif(sys.platform != "linux", reason="no __main__ guard: fork only")
def test_each_task_of_a_pool_runs_and_calls_back(tmp_path: Path) -> None:
    trace = run(tmp_path, str(TUTORIAL / "pool_tasks.py")).trace
    events = {
        op: list(trace.events.filter(op=op)) for op in ("submit", "run", "finish", "callback")
    }
    assert {op: len(found) for op, found in events.items()} == dict.fromkeys(events, 10)
    runs = {event.link: event for event in events["run"]}
    finishes = {event.object: event for event in events["finish"]}
    for submit in events["submit"]:
        assert runs[submit.seq].object == submit.object
        assert trace.happens_before(submit, finishes[submit.object])
    for callback in events["callback"]:
        assert trace.happens_before(finishes[callback.object], callback)
        assert not callback.thread.internal


FULL = """
import multiprocessing, sys
context = multiprocessing.get_context(sys.argv[1])

def work(queue):
    for number in range(3000):
        queue.put(number)

if __name__ == "__main__":
    mine, its = context.Pipe()
    for number in range(250):
        mine.send(number)
    print(sum(its.recv() for _ in range(250)))
    reader, writer = context.Pipe(duplex=False)
    for number in range(3000):
        writer.send(number)
    print(sum(reader.recv() for _ in range(3000)))
    queue, simple = context.Queue(), context.SimpleQueue()
    for put in (queue, simple):
        child = context.Process(target=work, args=(put,))
        child.start()
        child.join()
        print(sum(put.get() for _ in range(3000)))
"""


@pytest.mark.parametrize("method", METHODS)
def test_as_much_fits_into_a_pipe_as_without_us(tmp_path: Path, method: str) -> None:
    script = tmp_path / "program.py"
    script.write_text(FULL)
    expected, recorded = plain(tmp_path, str(script), method), run(tmp_path, str(script), method)
    assert (recorded.status, recorded.stdout) == (0, expected.stdout), recorded.stderr
    trace = recorded.trace
    gets = list(trace.events.filter(op="get"))
    assert len(gets) == 6000
    assert all(trace.events.at(get.link or 0).op is Op.PUT for get in gets)
