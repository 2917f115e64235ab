"""Managers: what proxies do is what their callers do, across processes, in the server's order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from commandline import PROGRAMS, plain, run
from test_processes import METHODS, recorded, recorded_source
from test_processes_locks import START
from test_processes_locks import recorded as started

import tracer
from tracer import Event, Op, Outcome
from tracer.analysis import unfinished
from tracer.reporters import dot, graph
from tracer.reporters.table import table
from tracer.reporters.window import Window


def found(trace: tracer.Trace) -> list[tuple[str, str]]:
    return sorted((f.kind, f.location.name if f.location else "") for f in trace.findings())


def calls(trace: tracer.Trace) -> list[tuple[Event, Event, Event, Event]]:
    """Each call of a proxy whole: CALL, EXECUTE, RETURN and RESULT."""
    executed = {e.link: e for e in trace.events.filter(op=Op.EXECUTE)}
    results = {e.link: e for e in trace.events.filter(op=Op.RESULT)}
    returned: dict[int, Event] = {}
    open_: dict[int, Event] = {}
    for event in trace.events.filter(op=(Op.EXECUTE, Op.RETURN)):
        if event.op is Op.EXECUTE:
            open_[event.thread.id] = event
        else:
            returned[open_.pop(event.thread.id).seq] = event
    whole = []
    for call in trace.events.filter(op=Op.CALL):
        execute = executed[call.seq]
        end = returned[execute.seq]
        whole.append((call, execute, end, results[end.seq]))
    return whole


@pytest.mark.parametrize("method", METHODS)
def test_a_dict_and_a_list_changed_by_ten_processes(tmp_path: Path, method: str) -> None:
    trace = recorded(tmp_path, "managed_dict", method).trace
    assert found(trace) == []
    server = next(p for p in trace.processes if p.name == "SyncManager-1")
    assert all(thread.internal for thread in trace.threads if thread.process is server)
    assert {(o.kind, o.name) for o in trace.objects if o.kind in ("dict", "list")} >= {
        ("dict", "shared"),
        ("list", "items"),
    }
    for number in range(10):
        path = f"main/p{number + 2}"
        done = [
            (e.op, e.location.name, e.value)
            for e in trace.events.filter(thread=path)
            if e.location is not None
        ]
        assert done == [
            (Op.WRITE, f"shared[{number}]", number * number),
            (Op.WRITE, "shared['last']", "done"),
            (Op.UPDATE, "items[*]", number),
        ]
    lines = {e.site.line for e in trace.events.filter(op=Op.CALL) if e.thread.path != "main"}
    assert lines == {6, 7, 8}
    # In pictures and tables stand the accesses, not how they got to the manager.
    for picture in ("\n".join(table(trace)), dot.source(graph.of_trace(trace))):
        assert "shared['last']" in picture
        assert "SyncManager" not in picture
        assert "call shared" not in picture
    assert "call shared.__setitem__" in "\n".join(table(trace, Window(thread="main/p2")))
    assert "and 9 more processes like this" in dot.source(graph.of_trace(trace))


@pytest.mark.parametrize("method", METHODS)
def test_every_type(tmp_path: Path, method: str) -> None:
    program = str(PROGRAMS / "managers.py")
    done = run(tmp_path, program, method)
    expected = plain(tmp_path, program, method)
    assert (done.status, done.stdout) == (expected.returncode, expected.stdout)
    assert done.program_stderr == expected.stderr
    trace = done.trace
    kinds = {o.name: o.kind for o in trace.objects}
    for name in ("lock", "rlock", "semaphore", "condition", "event", "barrier", "queue"):
        kind = kinds[f"gates.{name}"]
        assert kind.lower() == name
        processes = {e.thread.process.path for e in trace.events.filter(object=f"gates.{name}")}
        assert len(processes) >= 4  # the server's too
    # A class of the program's own runs in the manager's process.
    (race,) = trace.findings()
    assert (race.kind, race.location and race.location.name.split(".")[-1]) == (
        "lost-update",
        "count",
    )
    assert {t.process.name for t in race.threads} == {"CounterManager-2"}
    whole = calls(trace)
    assert len(whole) > 50
    for call, execute, end, result in whole:
        assert call.seq < execute.seq < end.seq < result.seq
        assert call.thread == result.thread
        assert execute.thread == end.thread
        assert call.object == execute.object == end.object == result.object
        assert result.outcome is end.outcome
    raised = Counter(end.value for _, _, end, _ in whole if end.outcome is Outcome.RAISED)
    assert raised == Counter(
        {
            "KeyError": 1,
            "IndexError": 3,  # twice the end of a list that `sorted` goes through
            "StopIteration": 1,
            "ValueError": 2,
            "AttributeError": 1,
            "RemoteError": 1,
        }
    )
    gets = [e for e in trace.events.filter(op=Op.GET) if e.object and "gates" in e.object.name]
    assert len(gets) == 6
    for get in gets:
        put = trace.events.at(get.link or 0)
        assert (put.op, put.object) == (Op.PUT, get.object)
        assert put.thread.path != "main"
        assert get.thread.path == "main"


STEPS = {
    "ns.x": ("ns.x += 1", "ns = manager.Namespace(x=0)"),
    "d['k']": ("d['k'] = d['k'] + 1", "d = manager.dict(k=0)"),
    "d['u']": ("d.update(u=d['u'] + 1)", "d = manager.dict(u=0)"),
    "d['m']": ("d.update({'m': d['m'] + 1}, n=0)", "d = manager.dict(m=0)"),
    "d[0.5]": ("d[0.5] += 1", "d = manager.dict({0.5: 0})"),
    "v.value": ("v.value += 1", "v = manager.Value('i', 0)"),
    "l[0]": ("l[0] += 1", "l = manager.list([0])"),
    "l[2]": ("l[-1] += 1", "l = manager.list([0, 0, 0])"),
    "a[1]": ("a[1] += 1", "a = manager.Array('i', [0, 0])"),
    "inner[0]": ("d['l'][0] += 1", "inner = manager.list([0]); d = manager.dict(l=inner)"),
}
COUNTING = """
def work(number, lock, {name}):
    for _ in range(20):
        {step}
if __name__ == "__main__":
    manager = context.Manager()
    lock = {lock}
    {make}
    run(2, work, lock, {name})
    {end}
"""


def counting(place: str, step: str, lock: str, end: str = "pass") -> str:
    make = STEPS[place][1]
    name = make.rpartition(" = ")[0].rpartition("; ")[2].strip()
    return COUNTING.format(name=name, make=make, step=step, lock=lock, end=end)


@pytest.mark.parametrize("place", STEPS)
def test_updates_without_a_lock_are_lost(tmp_path: Path, place: str) -> None:
    trace = started(tmp_path, counting(place, STEPS[place][0], "None"), "fork")
    assert found(trace) == [("lost-update", place)]
    (finding,) = trace.findings()
    assert {t.path for t in finding.threads} == {"main/p2", "main/p3"}
    assert {(Path(site.file).name, site.function) for site in finding.sites} == {("p.py", "work")}


@pytest.mark.parametrize("lock", ["manager.Lock()", "manager.RLock()", "context.Lock()"])
@pytest.mark.parametrize("place", STEPS)
def test_with_a_lock_they_are_not(tmp_path: Path, place: str, lock: str) -> None:
    step = f"with lock: {STEPS[place][0]}"
    end = f"print({STEPS[place][0].partition(' += ')[0].partition(' = ')[0]})"
    trace = started(tmp_path, counting(place, step, lock, end), "fork")
    assert found(trace) == []


@pytest.mark.parametrize("method", METHODS)
def test_every_read_returns_what_was_written_last(tmp_path: Path, method: str) -> None:
    """The order in the log is that in which the server executed the calls."""
    source = """
def work(number, d, l, ns, v, a):
    for i in range(40):
        x = number * 1000 + i
        d["k"] = x; d["k"]; l[0] = x; l[0]; ns.x = x; ns.x; v.value = x; v.value; a[0] = x; a[0]
if __name__ == "__main__":
    m = context.Manager()
    d, l, ns = m.dict(k=-1), m.list([-1]), m.Namespace(x=-1)
    v, a = m.Value("i", -1), m.Array("i", [-1])
    run(3, work, d, l, ns, v, a)
"""
    trace = started(tmp_path, source, method)
    for name in ("d['k']", "l[0]", "ns.x", "v.value", "a[0]"):
        last: object = -1
        reads = 0
        for event in trace.events.filter(location=name, op=(Op.READ, Op.WRITE)):
            if event.op is Op.READ:
                assert event.value == last
                reads += 1
            last = event.value
        assert reads == 120


def test_what_a_proxy_can_do_is_one_access(tmp_path: Path) -> None:
    source = """
if __name__ == "__main__":
    m = context.Manager()
    d = m.dict(a=1)
    l = m.list([3, 1, 2])
    ns = m.Namespace(x=1)
    print(len(d), "a" in d, "b" in d, d.get("a"), d.get("b", 7), d.setdefault("c", 2), d.pop("c"))
    print(sorted(d.keys()), sorted(d.items()), d.copy(), str(d), d._getvalue())
    d.update(z=1)
    d.update([("z", 2)], a=1)
    d.update(map(tuple, ["z3"]))
    del d["z"]
    for key in d:
        print(key)
    l.append(4)
    l.extend([5, 6])
    l += [7]
    l.sort()
    l.insert(0, 0)
    l.remove(7)
    l.reverse()
    print(l.pop(), l[1:3], l + [1], l * 2, len(l), l.index(3), l.count(3), 3 in l, list(l))
    l[0:2] = [9]
    del l[0]
    del ns.x
    ns.y = 5
    print(ns, hasattr(ns, "x"), d, l)
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    assert found(trace) == []

    def done(name: str) -> list[tuple[str, str]]:
        return [
            (e.op.label, e.location.short)
            for e in trace.events
            if e.location is not None and e.location.object and e.location.object.name == name
        ]

    assert done("d") == [
        ("read", "d[*]"),
        ("read", "d['a']"),
        ("read", "d['b']"),
        ("read", "d['a']"),
        ("read", "d['b']"),
        ("update", "d['c']"),
        ("update", "d['c']"),
        *[("read", "d[*]")] * 5,
        ("write", "d['z']"),
        ("write", "d['z']"),
        ("write", "d['a']"),
        ("update", "d[*]"),
        ("delete", "d['z']"),
        ("iterate", "d[*]"),
        ("read", "d[*]"),
    ]
    assert [op for op, _ in done("l")[:8]] == ["update"] * 8
    assert ("delete", "ns.x") in done("ns")
    assert ("write", "ns.y") in done("ns")
    assert done("ns")[-1] == ("read", "ns.y")


def test_a_wait_for_a_managed_lock_is_known_while_it_lasts(tmp_path: Path) -> None:
    source = """
import signal, time
def hold(lock, held, go):
    with lock:
        held.set()
        go.wait()
def wait(lock, asking):
    asking.set()
    lock.acquire()
if __name__ == "__main__":
    m = context.Manager()
    lock, held, go, asking = m.Lock(), m.Event(), m.Event(), m.Event()
    holder = context.Process(target=hold, args=(lock, held, go))
    holder.start()
    held.wait()
    waiter = context.Process(target=wait, args=(lock, asking))
    waiter.start()
    asking.wait()
    time.sleep(0.3)
    for process in (waiter, holder):
        process.kill()
        process.join()
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    victim = trace.processes[-1]
    (request,) = (
        e for e in trace.events.filter(thread=victim.path) if e.op is Op.REQUEST and e.object
    )
    assert request.object is not None
    assert (request.object.name, request.value) == ("lock", "acquire")
    assert request.site is not None
    assert ("waiting", victim.path, "lock") in [
        (row.what, row.thread.path, row.object and row.object.name) for row in unfinished(trace)
    ]
    assert request.site.line == source[: source.index("lock.acquire()")].count("\n") + 3


@pytest.mark.parametrize("end", ["os.kill(m._process.pid, 9)", "m.shutdown()"])
def test_a_manager_that_has_gone(tmp_path: Path, end: str) -> None:
    source = f"""
if __name__ == "__main__":
    m = context.Manager()
    d = m.dict(k=0)
    d["k"] += 1
    {end}
    m._process and m._process.join()
    try:
        d["k"] += 1
    except (EOFError, ConnectionError):
        print("gone")
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    last = list(trace.events.filter(op=(Op.CALL, Op.RESULT)))[-1]
    assert (last.op, last.outcome) == (Op.RESULT, Outcome.BROKEN)
    writes = [e.value for e in trace.events.filter(location="d['k']", op=Op.WRITE)]
    assert writes == [1]


SERVED = """
import os, sys, threading
from multiprocessing.managers import BaseManager, ListProxy, ValueProxy, SyncManager
{start}
class Served(SyncManager): pass
def serve(address, ready):
    manager = Served(address=address, authkey=b"secret")
    server = manager.get_server()
    ready.send(server.address)
    server.serve_forever()
def work(number, address):
    manager = Served(address=address, authkey=b"secret")
    manager.connect()
    items = manager.items()
    items.append(number)
    items[0] += 1
items = [0]
Served.register("items", lambda: items, proxytype=ListProxy)
if __name__ == "__main__":
    reader, writer = context.Pipe(False)
    {serve}
    address = reader.recv()
    run(2, work, address)
    m = Served(address=address, authkey=b"secret")
    m.connect()
    shared = m.items()
    print(len(shared))
    {end}
"""


@pytest.mark.parametrize("address", ["('127.0.0.1', 0)", "None"], ids=["tcp", "unix"])
@pytest.mark.parametrize(
    ("serve", "end"),
    [
        (
            "p = context.Process(target=serve, args=({}, writer)); p.start()",
            "p.terminate(); p.join()",
        ),
        ("threading.Thread(target=serve, args=({}, writer), daemon=True).start()", ""),
    ],
    ids=["process", "thread"],
)
def test_a_manager_that_is_connected_to(tmp_path: Path, address: str, serve: str, end: str) -> None:
    source = SERVED.format(start=START, serve=serve.format(address), end=end)
    trace = recorded_source(tmp_path, source, "fork").trace
    name = "shared" if end else "items"
    assert ("lost-update", f"{name}[0]") in found(trace)
    updates = [
        (e.thread.process.path != "main", e.value)
        for e in trace.events.filter(location=f"{name}[*]", op=Op.UPDATE)
    ]
    assert sorted(updates) == [(True, 0), (True, 1)]


def test_ctrl_c_in_a_call(tmp_path: Path) -> None:
    source = """
import signal, threading, time
def interrupt(asked):
    asked.wait()
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGINT)
if __name__ == "__main__":
    m = context.Manager()
    lock = m.Lock()
    lock.acquire()
    asked = threading.Event()
    threading.Thread(target=interrupt, args=(asked,)).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    try:
        asked.set()
        lock.acquire()
    except KeyboardInterrupt:
        print("interrupted")
"""
    trace = recorded_source(tmp_path, source, "fork").trace
    outcomes = [e.outcome for e in trace.events.filter(op=Op.RESULT)]
    assert outcomes[-1] is Outcome.INTERRUPTED


def test_a_caller_that_goes_before_it_has_the_answer(tmp_path: Path) -> None:
    """The server's next request fails then: that is no other answer."""
    program = """
from multiprocessing import Manager
if __name__ == "__main__":
    with Manager() as manager:
        d = manager.dict()
        d["k"] = 1
        connection = d._tls.connection
        def go():
            connection.poll(None)
            connection.close()
            raise EOFError
        connection.recv = go
        try:
            d["k"] = 2
        except EOFError:
            print("gone")
        del d._tls.connection
        print(d["k"])
"""
    (tmp_path / "program.py").write_text(program)
    done = run(tmp_path, "program.py")
    assert (done.status, done.stdout) == (0, "gone\n2\n"), done.stderr
    outcomes = [e.outcome for e in done.trace.events.filter(op=Op.RETURN)]
    assert outcomes == [Outcome.OK] * 3


@pytest.mark.parametrize("method", METHODS)
def test_memory_that_a_manager_keeps(tmp_path: Path, method: str) -> None:
    source = """
from multiprocessing.managers import SharedMemoryManager
def work(number, items, name):
    items[0] += 1
if __name__ == "__main__":
    with SharedMemoryManager(ctx=context) as manager:
        items = manager.ShareableList([1, "text"])
        memory = manager.SharedMemory(16)
        memory.buf[0] = 7
        run(2, work, items, memory.name)
        print(items[1], memory.buf[0])
"""
    trace = started(tmp_path, source, method)
    assert ("lost-update", "items[0]") in found(trace)
    kinds = sorted(o.kind for o in trace.objects if o.kind.startswith("Share"))
    assert kinds == ["ShareableList", "SharedMemory"]


def test_a_class_behind_a_proxy_with_attributes(tmp_path: Path) -> None:
    """What a caller does to an attribute, and what a method does in the server, is to one place."""
    source = """
from multiprocessing.managers import NamespaceProxy, SyncManager
class Mover:
    def __init__(self):
        self.x = 1
    def move(self):
        self.x += 10
class MoverProxy(NamespaceProxy):
    _exposed_ = ("__getattribute__", "__setattr__", "move")
    def move(self):
        return self._callmethod("move")
class Movers(SyncManager):
    pass
Movers.register("Mover", Mover, MoverProxy)
def work(number, mover):
    mover.x += 1
    mover.move()
if __name__ == "__main__":
    with Movers(ctx=context) as manager:
        mover = manager.Mover()
        run(2, work, mover)
        print(mover.x > 1, isinstance(mover, MoverProxy))
"""
    trace = started(tmp_path, source, "fork")
    assert set(found(trace)) == {("lost-update", "mover.x")}
    writers = {e.thread.process.name for e in trace.events.filter(location="mover.x", op=Op.WRITE)}
    assert writers == {"Movers-1", "ForkProcess-2", "ForkProcess-3"}


def test_what_makes_an_object_comes_after_the_request_and_before_the_answer(tmp_path: Path) -> None:
    source = """
from multiprocessing.managers import BaseManager
value = context.Value("i", 0, lock=False)
class Owner:
    def __init__(self):
        self.found = value.value
        value.value = 2
    def get(self):
        return self.found
class Owners(BaseManager):
    pass
Owners.register("Owner", Owner)
if __name__ == "__main__":
    with Owners(ctx=context) as manager:
        value.value = 1
        owner = manager.Owner()
        value.value = value.value + 1
        print(owner.get(), value.value)
"""
    done = recorded_source(tmp_path, source, "fork")
    assert done.stdout == "1 3\n"
    assert done.trace.findings() == []
