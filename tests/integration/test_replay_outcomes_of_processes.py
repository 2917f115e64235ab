"""`trace replay` and `trace run --seed` where it depends on the schedule what processes see."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import assert_same_traces, run
from test_replay_processes import replays, source

PROGRAMS = {
    "condition": """
import time
def wait(condition, seen, n):
    with condition:
        found = condition.wait_for(lambda: seen[0] > n, timeout=0.01 * n)
        seen[1] = seen[1] * 3 + n * found
    with condition:
        seen[2] = seen[2] * 5 + n + condition.wait(0.002 * n)
def notify(condition, seen):
    for i in range(4):
        with condition:
            seen[0] += 1
            condition.notify(i)
        time.sleep(0.003)
if __name__ == "__main__":
    condition, seen = context.Condition(), context.Array("l", 3, lock=False)
    processes = [context.Process(target=wait, args=(condition, seen, n)) for n in range(4)]
    processes.append(context.Process(target=notify, args=(condition, seen)))
    for process in processes: process.start()
    for process in processes: process.join()
    print(list(seen))
""",
    "event": """
import time
def wait(event, other, seen, n):
    for _ in range(4):
        found = event.wait(0.001 * (n + 1))
        with seen: seen[0] = seen[0] * 3 + found + n
        if event.is_set(): other.set()
    other.wait()
if __name__ == "__main__":
    event, other, seen = context.Event(), context.Event(), context.Array("l", 1)
    processes = [context.Process(target=wait, args=(event, other, seen, n)) for n in range(3)]
    for process in processes: process.start()
    for _ in range(4):
        event.set()
        time.sleep(0.001)
        event.clear()
        print(other.is_set(), other.wait(0.001))
    other.set()
    for process in processes: process.join()
    print(seen[0])
""",
    "full queue": """
import queue
def put(items, n):
    for i in range(6):
        try: items.put((n, i), i % 2 == 0, 0.001)
        except queue.Full: pass
if __name__ == "__main__":
    items, got = context.Queue(2), []
    processes = [context.Process(target=put, args=(items, n)) for n in range(3)]
    for process in processes: process.start()
    while any(process.is_alive() for process in processes) or not items.empty():
        try: got.append(items.get_nowait() if len(got) % 2 else items.get(timeout=0.002))
        except queue.Empty: got.append(None)
    print(got)
""",
    "list": """
from multiprocessing import shared_memory
def work(items, lock, n):
    for i in range(5):
        items[0] += 1
        with lock: items[1] = items[1] * 3 + n
        items[2] = str(n)
if __name__ == "__main__":
    items, lock = shared_memory.ShareableList([0, 0, "a"]), context.Lock()
    processes = [context.Process(target=work, args=(items, lock, n)) for n in range(3)]
    for process in processes: process.start()
    for process in processes: process.join()
    print(list(items))
    items.shm.close()
    items.shm.unlink()
""",
    "pool": """
import time
def work(n):
    time.sleep(0.002 * n)
    return n
if __name__ == "__main__":
    pool, seen = context.Pool(2, maxtasksperchild=2), []
    results = [pool.apply_async(work, (n,)) for n in range(5)]
    for result in results:
        try: seen.append(result.get(0.003))
        except multiprocessing.TimeoutError: seen.append(result.ready())
        try: seen.append(result.successful())
        except ValueError: seen.append("not ready")
        result.wait(0.001)
    for items in (pool.imap(work, range(4)), pool.imap_unordered(work, range(4))):
        while True:
            try: seen.append(items.next(0.002))
            except multiprocessing.TimeoutError: seen.append(None)
            except StopIteration: break
    print(seen)
    pool.close()
    pool.join()
""",
    "executor": """
import concurrent.futures, time
def work(n):
    time.sleep(0.001 * (n % 3))
    return 12 // (n - 5)
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        futures = [executor.submit(work, n) for n in range(9)]
        print([future.cancel() for future in reversed(futures[6:])])
        print([len(part) for part in concurrent.futures.wait(futures, 0.003)])
        print([future.running() or future.done() for future in futures])
        print([len(part) for part in concurrent.futures.wait(futures, None, "FIRST_EXCEPTION")])
""",
}
# A program of another start method takes three times as long.
OF_OTHERS = [("event", "forkserver"), ("list", "spawn")]


@pytest.mark.parametrize(("name", "method"), [*((name, "fork") for name in PROGRAMS), *OF_OTHERS])
def test_the_outcomes_of_the_recorded_run(tmp_path: Path, name: str, method: str) -> None:
    (tmp_path / "program.py").write_text(source(PROGRAMS[name], method))
    replays(tmp_path, 3, "program.py")


def test_a_release_that_fails_under_control(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        source(
            """
if __name__ == "__main__":
    semaphore = context.BoundedSemaphore(1)
    try: semaphore.release()
    except ValueError as error: print(error)
""",
            "fork",
        )
    )
    controlled = run(tmp_path, "program.py", options=("--seed", "1"))
    assert (controlled.status, controlled.stdout) == (
        0,
        "semaphore or lock released too many times\n",
    )


def test_futures_come_in_the_same_order(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(
        source(
            """
import concurrent.futures
def work(n):
    return n
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        futures = [executor.submit(work, n) for n in range(9)]
        for future in concurrent.futures.as_completed(futures): print(future.result())
        concurrent.futures.wait(futures, None, "FIRST_EXCEPTION")
""",
            "fork",
        )
    )
    options = ("--seed", "7", "--strategy", "pct")
    assert_same_traces(lambda: run(tmp_path, "program.py", options=options), 3)
