"""Programs of several processes, under every start method."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from commandline import TUTORIAL, Recorded, plain, run

import tracer
from tracer import Op, Outcome
from tracer.analysis import unfinished

METHODS = ("fork", "spawn", "forkserver")


def recorded(folder: Path, name: str, method: str) -> Recorded:
    """The run of a program of the tutorial, after it was compared with that under plain python."""
    program = str(TUTORIAL / f"{name}.py")
    done = run(folder, program, method)
    expected = plain(folder, program, method)
    assert done.status == expected.returncode, done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(expected.stdout.splitlines())
    assert done.program_stderr == expected.stderr
    return done


def recorded_source(folder: Path, source: str, method: str) -> Recorded:
    """The same, for a program with `context` in it."""
    start = f"import multiprocessing, os, sys\ncontext = multiprocessing.get_context({method!r})\n"
    (folder / "p.py").write_text(start + source)
    done = run(folder, "p.py")
    expected = plain(folder, "p.py")
    assert done.stdout == expected.stdout
    assert done.program_stderr == expected.stderr
    assert done.status == expected.returncode
    return done


def of_process(trace: tracer.Trace, path: str) -> list[tuple[Op, object]]:
    return [
        (event.op, event.value)
        for event in trace.events
        if event.thread.path == path and event.op in (Op.BEGIN, Op.OUTPUT, Op.END)
    ]


@pytest.mark.parametrize("method", METHODS)
def test_a_process_is_started_works_and_is_joined(tmp_path: Path, method: str) -> None:
    trace = recorded(tmp_path, "processes", method).trace
    rows = [(p.path, p.name, p.exit_status, p.start_method) for p in trace.processes]
    assert rows == [
        ("main", "MainProcess", 0, ""),
        ("main/p1", "Process-1", 0, method),
        ("main/p2", "worker", 0, method),
    ]
    assert [p.parent for p in trace.processes] == [None, trace.processes[0], trace.processes[0]]
    assert len({p.pid for p in trace.processes}) == 3
    for path, text in ("main/p1", "work 5 5"), ("main/p2", "run of worker"):
        ops = of_process(trace, path)
        assert [op for op, _ in ops] == [Op.BEGIN, Op.OUTPUT, Op.END]
        assert ops[1][1] == text
        own = [e for e in trace.events if e.object and e.object.thread and e.op != Op.OBSERVE]
        order = [e.op for e in own if e.object.thread.path == path and e.op != Op.REQUEST]  # type: ignore[union-attr]
        assert order == [Op.START, Op.BEGIN, Op.END, Op.JOIN]
    # The child's global is another variable: nothing is shared, so there is nothing to find.
    assert trace.findings() == []
    names = Counter(location.name for location in trace.locations)
    assert names["processes.total"] >= 2
    joins = list(trace.events.filter(op=Op.JOIN))
    assert [event.value for event in joins] == [0, 0]
    begun = next(e for e in trace.events.filter(op=Op.BEGIN) if e.thread.path == "main/p2")
    assert trace.happens_before(joins[0], begun)
    assert begun.thread.label == "worker/MainThread"
    assert begun.thread.parent is trace.threads[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_process_tells_whose_child_it_is(tmp_path: Path, method: str) -> None:
    trace = recorded(tmp_path, "process_family", method).trace
    assert [process.name for process in trace.processes] == ["MainProcess", "bob"]


def test_ten_processes_take_one_lock(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "process_lock", "fork").trace
    (lock,) = [row for row in trace.objects if row.kind == "Lock"]
    assert lock.name == "lock"
    held = [e for e in trace.events.filter(object=lock) if e.op != Op.REQUEST]
    assert [event.op for event in held] == [Op.ACQUIRE, Op.RELEASE] * 10
    holders = [event.thread.path for event in held]
    assert holders[::2] == holders[1::2]
    assert sorted(holders[::2]) == sorted(f"main/p{i}" for i in range(1, 11))
    for release, acquire in zip(held[1::2], held[2::2], strict=False):
        assert trace.happens_before(release, acquire)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_lock_whose_maker_ends_before_its_users_come(tmp_path: Path, method: str) -> None:
    """A process takes the names of its locks away as it ends, before it waits for its children:
    those that come later find no lock, untraced too."""
    done = run(tmp_path, str(TUTORIAL / "process_lock.py"), method)
    trace = done.trace
    assert done.status == 0
    assert len(trace.processes) == 11
    ends = Counter(process.exit_status for process in trace.processes[1:])
    assert set(ends) <= {0, 1}
    assert ends[0] == len(done.stdout.splitlines())
    assert ends[1] == done.program_stderr.count("FileNotFoundError")
    acquired = {e.thread.path for e in trace.events.filter(op=Op.ACQUIRE)}
    assert acquired == {p.path for p in trace.processes[1:] if p.exit_status == 0}


ENDINGS = {
    "return": ("pass", 0),
    "exit": ("sys.exit(7)", 7),
    "exit with text": ("sys.exit('a message')", 1),
    "exception": ("{}['x']", 1),
    "os._exit": ("os._exit(3)", 3),
    "SIGKILL": ("os.kill(os.getpid(), 9)", -9),
    "thread": (
        "import threading; threading.Thread(target=lambda: print('t', flush=True)).start()",
        0,
    ),
}


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("method", METHODS)
def test_a_child_ends_as_without_us(tmp_path: Path, method: str, end: str) -> None:
    code, status = ENDINGS[end]
    source = f"""
def work():
    print("work", flush=True)
    {code}
if __name__ == "__main__":
    process = context.Process(target=work)
    process.start()
    process.join()
    print(process.exitcode, process.is_alive())
"""
    trace = recorded_source(tmp_path, source, method).trace
    rows = [(process.start_method, process.exit_status) for process in trace.processes]
    assert rows == [("", 0), (method, status)]
    (join,) = trace.events.filter(op=Op.JOIN)
    assert join.value == status
    ends = [e for e in trace.events.filter(op=Op.END) if e.thread.path == "main/p1"]
    killed = end in ("os._exit", "SIGKILL")
    assert len(ends) == (0 if killed else 1)
    if end == "exception":
        assert (ends[0].outcome, ends[0].value) == (Outcome.RAISED, "KeyError")
    if end == "thread":
        assert [t.path for t in trace.threads] == ["main", "main/p1", "main/p1.1"]
    # Everything that the child did is before the join, however it ended.
    last = max(e.seq for e in trace.events if e.thread.process is trace.processes[1])
    assert trace.happens_before(last, join)


@pytest.mark.parametrize("method", METHODS)
def test_children_are_terminated_and_killed(tmp_path: Path, method: str) -> None:
    source = """
def work(ready, never):
    ready.set()
    never.wait()
if __name__ == "__main__":
    never = context.Event()
    for end in ("terminate", "kill"):
        ready = context.Event()
        process = context.Process(target=work, args=(ready, never))
        process.start()
        ready.wait()
        getattr(process, end)()
        process.join()
        print(process.exitcode)
    ready = context.Event()
    process = context.Process(target=work, args=(ready, never), daemon=True)
    process.start()
    ready.wait()
"""
    trace = recorded_source(tmp_path, source, method).trace
    assert [p.exit_status for p in trace.processes] == [0, -15, -9, -15]
    signals = [(e.target[-9:], e.value) for e in trace.events.filter(op=Op.TERMINATE)]
    assert signals == [("Process-1", 15), ("Process-2", 9), ("Process-3", 15)]
    assert [thread.daemon for thread in trace.threads] == [False, False, False, True]


def test_orphans_are_waited_for(tmp_path: Path) -> None:
    source = """
import time
read, write = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.close(write)
        os.read(read, 1)
        print("orphan", flush=True)
        os._exit(9)
    os._exit(4)
print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
os._exit(5)
"""
    (tmp_path / "p.py").write_text("import os" + source)
    done = run(tmp_path, "p.py", options=("--orphans", "60"))
    assert done.status == 5
    assert done.stdout == "4\norphan\n"
    statuses = {process.path: process.exit_status for process in done.trace.processes}
    assert statuses["main"] == 5
    assert statuses["main/p1/p1"] == 9


WAITS = {
    "waitpid": "os.waitpid(pid, 0)",
    "waitpid for any": "os.waitpid(-1, 0)",
    "wait": "os.wait()",
    "wait3": "os.wait3(0)",
    "wait4": "os.wait4(pid, 0)",
    "waitid": "os.waitid(os.P_PID, pid, os.WEXITED)",
    "polling": "[n for n in iter(lambda: os.waitpid(pid, os.WNOHANG)[0], pid)]",
}


@pytest.mark.parametrize(("end", "status"), [("os._exit(3)", 3), ("os.kill(os.getpid(), 9)", -9)])
@pytest.mark.parametrize("how", WAITS)
def test_a_forked_child_is_waited_for(tmp_path: Path, how: str, end: str, status: int) -> None:
    source = f"""
go, gone = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(gone)
    os.read(go, 1)
    {end}
os.close(gone)
{WAITS[how]}
try:
    os.waitpid(pid, 0)
except ChildProcessError as error:
    print(error)
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    child = trace.processes[1]
    assert (child.path, child.exit_status) == ("main/p1", status)
    (join,) = trace.events.filter(op=Op.JOIN)
    assert join.value == status
    assert join.site is not None
    assert join.site.file.endswith("p.py")
    begin = next(e for e in trace.events.filter(op=Op.BEGIN) if e.thread.process is child)
    assert trace.happens_before(begin, join)
    assert not any(row.what == "waiting" for row in unfinished(trace))


@pytest.mark.parametrize("method", METHODS)
def test_a_process_outlives_its_parent(tmp_path: Path, method: str) -> None:
    source = """
def outlive(alive, told):
    alive.close()
    told.recv()
    print("orphan", flush=True)
def work(alive, told):
    context.Process(target=outlive, args=(alive, told)).start()
    os._exit(3)
if __name__ == "__main__":
    alive, kept = context.Pipe(duplex=False)
    told, teller = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(kept, told))
    process.start()
    kept.close()
    process.join()
    try:
        alive.recv()
    except EOFError:
        print(process.exitcode, flush=True)
    teller.send("you are alone")
"""
    trace = recorded_source(tmp_path, source, method).trace
    rows = [(p.path, p.exit_status) for p in trace.processes]
    assert rows[:2] == [("main", 0), ("main/p1", 3)]
    path, status = rows[2]
    assert path == "main/p1/p1"
    # Its fork server, if that still runs, is told how the orphan ended, and tells nobody.
    assert status == 0 or (status is None and method == "forkserver")
    orphan = trace.threads[-1]
    # Behind its end are the steps of the flushes of its streams.
    ops = [e.op for e in trace.events.filter(thread=orphan) if e.op != Op.STEP]
    assert ops[-1] == Op.END


@pytest.mark.parametrize("method", METHODS)
def test_a_process_is_terminated_in_a_write(tmp_path: Path, method: str) -> None:
    source = """
import fcntl, termios
def work(conn):
    conn.send(1)
    conn.send(b"x" * 5_000_000)
if __name__ == "__main__":
    mine, its = context.Pipe()
    process = context.Process(target=work, args=(its,))
    process.start()
    its.close()
    print(mine.recv())
    waiting = bytes(4)
    while int.from_bytes(waiting, sys.byteorder) < 1000:
        waiting = fcntl.ioctl(mine.fileno(), termios.FIONREAD, waiting)
    process.terminate()
    process.join()
    try:
        mine.recv()
    except OSError as error:
        print(process.exitcode, error)
"""
    trace = recorded_source(tmp_path, source, method).trace
    assert [p.exit_status for p in trace.processes] == [0, -15]
    sends = [e.value for e in trace.events.filter(op=Op.SEND)]
    assert sends[0] == 1
    assert len(sends) == 2
    assert [e.outcome for e in trace.events.filter(op=Op.RECV)] == [Outcome.OK, Outcome.RAISED]


def test_two_hundred_children_in_a_row(tmp_path: Path) -> None:
    source = """
def work():
    pass
if __name__ == "__main__":
    for _ in range(200):
        process = context.Process(target=work)
        process.start()
        process.join()
    print(process.name)
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    assert [p.path for p in trace.processes] == ["main", *(f"main/p{i}" for i in range(1, 201))]
    assert {p.exit_status for p in trace.processes} == {0}
    assert len(list(trace.events.filter(op=Op.JOIN))) == 200


def test_a_fork_while_other_threads_hold_locks(tmp_path: Path) -> None:
    source = """
import threading
number, stop = 0, False
lock = threading.Lock()
def spin():
    global number
    while not stop:
        with lock:
            number += 1
def work(): print("child", flush=True)
if __name__ == "__main__":
    threads = [threading.Thread(target=spin) for _ in range(4)]
    for thread in threads: thread.start()
    for _ in range(20):
        process = context.Process(target=work)
        process.start()
        process.join(30)
        assert process.exitcode == 0
    stop = True
    for thread in threads: thread.join()
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    assert [p.exit_status for p in trace.processes] == [0] * 21
    assert all(not p.path.startswith("main.") for p in trace.processes)


HELD = {
    "of malloc": "zlib.compress(bytes(100_000))",
    "of the import system": "sys.modules.pop(name, None); __import__(name)",
    "of shared memory": "raw.value += 1; time.sleep(0.0001)",
    "of ours, defining": "exec('lock = threading.Lock()\\nwith lock: pass')",
    "of a queue": "queue.put(1); queue.get()",
}


@pytest.mark.parametrize("held", HELD)
def test_a_fork_while_other_threads_are_in_locks(tmp_path: Path, held: str) -> None:
    # What a child needs nobody may hold: the lock of a module that is being imported, say, is held
    # forever in a child under plain python too.
    for name in "first", "second", "helper":
        (tmp_path / f"{name}.py").write_text("import threading\nvalue = 0\nvalue += 1\n")
    source = f"""
import threading, time, warnings, zlib
from queue import Queue
warnings.simplefilter("ignore")  # of such a fork, with its pid, since 3.12
raw, queue, stop = context.RawValue("i"), Queue(), False
def spin(name):
    while not stop:
        {HELD[held]}
def use():
    import helper
    with threading.Lock(): raw.value += len(zlib.compress(bytes(100_000)))
def work():
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    print("child", flush=True)
if __name__ == "__main__":
    threads = [threading.Thread(target=spin, args=(name,)) for name in ("first", "second")]
    for thread in threads: thread.start()
    for n in range(10):
        if n % 2:
            process = context.Process(target=work)
            process.start()
            process.join()
        elif os.fork() == 0:
            work()
            os._exit(0)
        else:
            os.wait()
    stop = True
    for thread in threads: thread.join()
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    assert [p.exit_status for p in trace.processes] == [0] * 11
    done = trace.events.filter(op=(Op.BEGIN, Op.OUTPUT))
    counts = Counter((event.thread.process.path, event.op) for event in done)
    for process in trace.processes[1:]:
        assert (counts[process.path, Op.BEGIN], counts[process.path, Op.OUTPUT]) == (2, 1)


def test_a_thread_makes_a_process(tmp_path: Path) -> None:
    source = """
import threading
def work(): print("child", flush=True)
def make():
    process = context.Process(target=work)
    process.start()
    process.join()
if __name__ == "__main__":
    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
"""
    trace = recorded_source(tmp_path, source, "spawn").trace
    assert [p.path for p in trace.processes] == ["main", "main.1/p1"]
    child = trace.threads[-1]
    assert child.parent is not None
    assert child.parent.path == "main.1"


def test_processes_come_in_the_order_of_their_makers(tmp_path: Path) -> None:
    """And not in that of their beginnings, which is chance."""
    source = """
def inner(): print("inner", flush=True)
def outer(told):
    told.wait()
    process = context.Process(target=inner)
    process.start()
    process.join()
if __name__ == "__main__":
    told = context.Event()
    first = context.Process(target=outer, args=(told,))
    first.start()
    second = context.Process(target=inner)
    second.start()
    second.join()
    told.set()
    first.join()
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    assert [p.path for p in trace.processes] == ["main", "main/p1", "main/p1/p1", "main/p2"]
    assert [p.exit_status for p in trace.processes] == [0] * 4
