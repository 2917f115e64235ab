"""`trace replay` of programs with a ThreadPool: which thread takes which task."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import run
from test_replay_processes import replays, trace

PROGRAMS = {
    "a chunk that fails": """
def work(n):
    if n == 7: raise ValueError(n)
    return n * n
with ThreadPool(3) as pool:
    for _ in range(3):
        try: print(pool.map(work, range(12), chunksize=2))
        except ValueError as error: print("failed", error)
""",
    "several that fail": """
log = []
def begin(n): log.append(("begin", n))
def work(n):
    log.append(n)
    if n % 3 == 1: raise (KeyError, ValueError, OSError)[n % 9 // 3](n)
    return n
for _ in range(3):
    pool = ThreadPool(4, begin, (1,))
    results = [
        pool.map_async(work, range(18), 1, log.append, lambda error: log.append(repr(error))),
        pool.starmap_async(work, [(n,) for n in range(9)]),
    ]
    pool.close()
    for result in results:
        try: print(result.get())
        except Exception as error: print(repr(error))
    pool.terminate()
    pool.join()
print(log)
""",
    "imap": """
def work(n):
    return sum(range(n * 200))
with ThreadPool(3) as pool:
    print(list(pool.imap_unordered(work, range(12))))
    print(list(pool.imap_unordered(work, range(12), chunksize=2)))
    print(list(pool.imap(work, range(6))))
""",
    "callbacks": """
told = []
def work(n):
    if n % 4 == 3: raise ValueError(n)
    return n
with ThreadPool(3) as pool:
    results = [pool.apply_async(work, (n,), {}, told.append, told.append) for n in range(12)]
    for result in results: result.wait()
    pool.close()
    pool.join()
print([str(each) for each in told])
""",
    "terminate": """
import threading
begun, done = threading.Semaphore(0), []
def work(n):
    begun.release()
    done.append(n)
    return n
pool = ThreadPool(3)
results = [pool.apply_async(work, (n,)) for n in range(20)]
for _ in range(4): begun.acquire()
pool.terminate()
pool.join()
print(done, [result.ready() for result in results])
""",
    "left while it works": """
import threading
begun, done = threading.Event(), []
def items():
    for n in range(30):
        done.append(-n)
        yield n
def work(n):
    begun.set()
    done.append(n)
    return n
for _ in range(3):
    begun.clear()
    with ThreadPool(3) as pool:
        pool.imap_unordered(work, items())
        later = pool.map_async(work, range(40), chunksize=3)
        begun.wait()
print(done, later.ready())
""",
}


def written(folder: Path, name: str) -> str:
    source = f"from multiprocessing.pool import ThreadPool\n{PROGRAMS[name]}"
    (folder / "program.py").write_text(source)
    return "program.py"


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_recorded_run_again_each_time(tmp_path: Path, name: str) -> None:
    replays(tmp_path, 4, written(tmp_path, name))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_run_under_control_again(tmp_path: Path, name: str) -> None:
    program = written(tmp_path, name)
    for seed in range(2):
        recorded = run(tmp_path, program, options=("--seed", str(seed)))
        assert recorded.status == 0, recorded.stderr
        done = trace("replay", recorded.file)
        assert (done.returncode, done.stdout) == (0, recorded.stdout), done.stderr
