"""`trace replay` of programs whose processes meet in a manager's server."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import PROGRAMS, assert_same_traces, run
from test_replay_processes import METHODS, replays, source, trace

IN_A_MANAGER = {
    # Who loses an update, in threads of several processes.
    "lost updates": """
import threading
def count(d, key):
    for _ in range(4): d[key] = d.get(key, 0) + 1
def work(d, ns):
    threads = [threading.Thread(target=count, args=(d, f"k{n % 2}")) for n in range(3)]
    for t in threads: t.start()
    ns.x += 1
    for t in threads: t.join()
if __name__ == "__main__":
    with context.Manager() as manager:
        d, ns = manager.dict(), manager.Namespace(x=0)
        processes = [context.Process(target=work, args=(d, ns)) for _ in range(2)]
        for p in processes: p.start()
        count(d, "k0")
        for p in processes: p.join()
        print(dict(sorted(d.items())), ns.x)
""",
    "bounded waits": """
import queue, time
def work(event, items, lock, d, n):
    found = [event.wait(0.02 * n)]
    try: found.append(items.get(timeout=0.05))
    except queue.Empty: found.append("empty")
    if lock.acquire(timeout=0.02):
        time.sleep(0.03)
        lock.release()
        found.append("locked")
    d[n] = found
if __name__ == "__main__":
    with context.Manager() as manager:
        event, items, lock, d = manager.Event(), manager.Queue(), manager.Lock(), manager.dict()
        shared = event, items, lock, d
        processes = [context.Process(target=work, args=(*shared, n)) for n in range(4)]
        for p in processes: p.start()
        items.put("a")
        time.sleep(0.05)
        event.set()
        items.put("b")
        for p in processes: p.join()
        print(dict(sorted(d.items())))
""",
    "barrier": """
import threading
def work(barrier, condition, order, n):
    for _ in range(2):
        try: found = barrier.wait(2 if n else None)
        except threading.BrokenBarrierError: found = "broken"
        with condition:
            order.append((n, found))
            condition.notify_all()
if __name__ == "__main__":
    with context.Manager() as manager:
        barrier, condition, order = manager.Barrier(3), manager.Condition(), manager.list()
        shared = barrier, condition, order
        processes = [context.Process(target=work, args=(*shared, n)) for n in range(3)]
        for p in processes: p.start()
        with condition:
            print(condition.wait_for(lambda: len(order) >= 6, timeout=20))
        for p in processes: p.join()
        print(list(order))
""",
    # The server goes on with what the killed process has asked for.
    "killed": """
import time
def hold(lock, event):
    with lock:
        event.set()
        time.sleep(0.2)
def wait(lock, event):
    event.set()
    with lock: pass
if __name__ == "__main__":
    with context.Manager() as manager:
        lock, event = manager.Lock(), manager.Event()
        processes = [context.Process(target=f, args=(lock, event)) for f in (hold, wait)]
        for p in processes:
            p.start()
            event.wait()
            event.clear()
        time.sleep(0.05)
        processes[1].terminate()
        for p in reversed(processes):
            p.join()
            print(p.exitcode)
""",
    # A server that the program runs itself, over TCP; the threads make objects of the program's.
    "remote": """
import queue
from multiprocessing.managers import BaseManager
items = queue.Queue()
class Server(BaseManager): pass
Server.register("items", callable=lambda: items)
class Client(BaseManager): pass
Client.register("items")
def connected(address):
    client = Client(address=tuple(address), authkey=b"key")
    client.connect()
    return client
def serve(end):
    server = Server(address=("127.0.0.1", 0), authkey=b"key").get_server()
    end.send(server.address)
    server.serve_forever()
def work(address, n):
    connected(address).items().put(n)
if __name__ == "__main__":
    near, far = context.Pipe()
    server = context.Process(target=serve, args=(far,))
    server.start()
    address = near.recv()
    processes = [context.Process(target=work, args=(address, n)) for n in range(3)]
    for p in processes: p.start()
    print([connected(address).items().get() for _ in processes])
    for p in processes: p.join()
    server.terminate()
    server.join()
    print(server.exitcode)
""",
    "pools": """
import concurrent.futures
def put(given):
    items, n = given
    items.put(n)
    return n
if __name__ == "__main__":
    with context.Manager() as manager:
        items = manager.Queue()
        given = [(items, n) for n in range(5)]
        with context.Pool(2) as pool:
            print(pool.map(put, given, chunksize=1))
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
            print(list(executor.map(put, given)))
        with manager.Pool(2) as pool:
            print(pool.map(put, given, chunksize=1))
        print([items.get() for _ in range(15)])
""",
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", IN_A_MANAGER)
def test_the_server_does_it_in_the_recorded_order(tmp_path: Path, name: str, method: str) -> None:
    (tmp_path / "program.py").write_text(source(IN_A_MANAGER[name], method))
    replays(tmp_path, 1, "program.py")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("program", ["tutorial/managed_dict.py", "managers.py"])
def test_every_type_of_a_manager(tmp_path: Path, program: str, method: str) -> None:
    replays(tmp_path, 1, str(PROGRAMS / program), method)


def test_the_same_seed_gives_the_same_trace(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(source(IN_A_MANAGER["barrier"], "fork"))

    run(tmp_path, "program.py")  # compiles what it imports, if that has not been yet
    assert_same_traces(lambda: run(tmp_path, "program.py", options=("--seed", "5")), 3)


def test_a_wait_that_nothing_ends_is_a_divergence(tmp_path: Path) -> None:
    """The server goes round in circles in virtual time, and keeps nobody waiting."""
    program = tmp_path / "program.py"
    program.write_text("""
import multiprocessing, os
if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        d = manager.dict()
        d["k"] = 1
""")
    recorded = run(tmp_path, "program.py")
    edited = program.read_text().replace('d["k"] = 1', "os.read(os.pipe()[0], 1)")
    program.write_text(edited)
    done = trace("replay", recorded.file)
    assert done.returncode == 1
    assert "diverged after" in done.stderr
