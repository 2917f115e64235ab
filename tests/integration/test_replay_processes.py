"""`trace replay` of programs of several processes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import commandline
import pytest
from commandline import TRACE, environment, run, trace

METHODS = ["fork", "spawn", "forkserver"]
TIMES = int(os.environ.get("REPETITIONS", "4"))

OF_THE_TUTORIAL = ["processes", "process_family", "process_queue", "process_pipe", "pool_calls"]
# Its processes are looked for when main ends; a spawned one may find the lock gone by then.
OF_FORKS = [
    "tutorial/process_lock.py",
    "../../scenarios/process_lock.py",
    "../../scenarios/pool.py",
]
PROGRAMS = {
    "value": """
import time
def work(value):
    for _ in range(5):
        taken = value.value
        time.sleep(0.0005)
        value.value = taken + 1
if __name__ == "__main__":
    value = context.Value("i", 0, lock=False)
    processes = [context.Process(target=work, args=(value,)) for _ in range(3)]
    for process in processes: process.start()
    for process in processes: process.join()
    print("final", value.value)
""",
    "updates": """
def work(n, barrier):
    seen = {}
    barrier.wait()
    for i in range(500):
        seen.update(a=i, b=i, c=n)
if __name__ == "__main__":
    barrier = context.Barrier(3)
    processes = [context.Process(target=work, args=(n, barrier)) for n in range(3)]
    for process in processes: process.start()
    for process in processes: process.join()
""",
    "pool": """
def work(n):
    return n * n
if __name__ == "__main__":
    pool = context.Pool(3)
    results = [pool.apply_async(work, (n,)) for n in range(8)]
    pool.close()
    pool.join()
    print([result.get() for result in results])
""",
    "queue": """
def put(queue):
    for i in range(8):
        queue.put(i)
if __name__ == "__main__":
    queue = context.Queue(2)
    process = context.Process(target=put, args=(queue,))
    process.start()
    print([queue.get() for _ in range(8)])
    process.join()
""",
    "lock": """
import time
def work(value, lock, n):
    for _ in range(5):
        with lock:
            value.value = value.value * 3 + n
        time.sleep(0.0005)
if __name__ == "__main__":
    value, lock = context.Value("l", 0), context.Lock()
    processes = [context.Process(target=work, args=(value, lock, n)) for n in range(3)]
    for process in processes: process.start()
    for process in processes: process.join()
    print("final", value.value)
""",
}


PROGRAMS["ended pool"] = """
import time
def begin(given):
    global value
    value = given
def work(n):
    for _ in range(3):
        taken = value.value
        time.sleep(0.0003)
        value.value = taken + 1
    return n, taken
def done(result):
    print("done", result)
if __name__ == "__main__":
    value = context.Value("i", 0, lock=False)
    with context.Pool(3, begin, (value,), maxtasksperchild=2) as pool:
        for n in range(6):
            pool.apply_async(work, (n,), callback=done)
        print(list(pool.imap_unordered(work, range(6))))
        # Else map() divides by the number of workers, which may be none just then.
        print(pool.map(work, range(4), 1))
    print("final", value.value)
"""

PROGRAMS["producers"] = """
def produce(queue, done, n):
    for i in range(5): queue.put((n, i))
    done.put(n)
def pass_on(queue, to):
    while (item := queue.get()) is not None: to.put(item)
if __name__ == "__main__":
    queue, done, last = context.Queue(), context.SimpleQueue(), context.JoinableQueue()
    producers = [context.Process(target=produce, args=(queue, done, n)) for n in range(3)]
    others = [context.Process(target=pass_on, args=(queue, last)) for _ in range(2)]
    for process in producers + others: process.start()
    print([done.get() for _ in producers])
    for process in producers: process.join()
    for _ in others: queue.put(None)
    for _ in range(15):
        print(last.get(), last.qsize() > 20)
        last.task_done()
    last.join()
    for process in others: process.join()
"""

PROGRAMS["looked at"] = """
import time
def work(n):
    time.sleep(n / 200)
if __name__ == "__main__":
    processes = [context.Process(target=work, args=(n,), name=str(n)) for n in range(4)]
    for process in processes: process.start()
    while alive := multiprocessing.active_children():
        print([process.name for process in alive], [process.exitcode for process in processes])
        time.sleep(0.002)
    print([process.is_alive() for process in processes])
"""

PROGRAMS["killed"] = """
import time
def count(value):
    while True:
        value.value += 1
        time.sleep(0.0005)
if __name__ == "__main__":
    value = context.Value("i", 0)
    processes = [context.Process(target=count, args=(value,), daemon=n > 0) for n in range(3)]
    for process in processes: process.start()
    while value.value < 5: time.sleep(0.001)
    processes[0].terminate()
    processes[0].join()
    processes[1].kill()
    print([process.exitcode is None for process in processes])
"""


PROGRAMS["executor"] = """
import concurrent.futures
def work(n):
    return n * n
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(3, mp_context=context) as executor:
        futures = [executor.submit(work, n) for n in range(6)]
        for future in concurrent.futures.as_completed(futures):
            print(future.result(), [future.done() for future in futures])
        print(list(executor.map(work, range(4))))
"""

PROGRAMS["executor left to itself"] = """
import concurrent.futures, time
def work(n):
    time.sleep(0.01)
    return n
if __name__ == "__main__":
    executor = concurrent.futures.ProcessPoolExecutor(2, mp_context=context)
    futures = [executor.submit(work, n) for n in range(5)]
    print(futures[0].result())
    executor.shutdown(wait=False, cancel_futures=True)
    print([future.cancelled() for future in futures])
"""

# Its thread gives a task to the workers, and then gets a result that was there before the task was.
PROGRAMS["executor given more"] = """
import concurrent.futures, sys, time
def work(n):
    time.sleep(0.002)
    return n * n
if __name__ == "__main__":
    sys.setswitchinterval(0.1)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        for n in range(20):
            first = executor.submit(work, n)
            time.sleep(0.001)
            second = executor.submit(work, n + 1)
            sum(range(300_000))
            print(first.result(), second.result())
"""

PROGRAMS["waits for several"] = """
import time
from multiprocessing.connection import wait
def work(end, n):
    for i in range(3):
        time.sleep(0.0005 * n)
        end.send((n, i))
    end.close()
if __name__ == "__main__":
    ends, processes = [], []
    for n in range(3):
        near, far = context.Pipe(duplex=False)
        processes.append(context.Process(target=work, args=(far, n)))
        processes[-1].start()
        far.close()
        ends.append(near)
    while ends:
        ready = wait(iter(ends), 0.0005)
        print(len(ready), end=" ")
        for end in ready:
            try: print(end.recv())
            except EOFError: ends.remove(end)
    while processes:
        gone = wait([process.sentinel for process in processes])
        print([process.name for process in processes if process.sentinel in gone])
        processes = [process for process in processes if process.sentinel not in gone]
"""

BROKEN = """
import concurrent.futures, os
def work(n):
    if n == 2: os._exit(3)
    return n
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        futures = [executor.submit(work, n) for n in range(5)]
    print([type(future.exception()).__name__ for future in futures])
"""


def source(program: str, method: str) -> str:
    return f"import multiprocessing\ncontext = multiprocessing.get_context({method!r})\n{program}"


def replays(tmp_path: Path, times: int, *program: str) -> None:
    """Record the program, replay it so often, and find no difference."""
    recorded = run(tmp_path, *program)
    assert recorded.status == 0, recorded.stderr
    copy = tmp_path / "again.msgpack"
    done = trace("replay", "--times", times, "--record", copy, recorded.file)
    assert done.returncode == 0, done.stderr
    assert done.stdout == times * recorded.stdout
    assert trace("diff", recorded.file, copy).returncode == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_recorded_run_again_each_time(tmp_path: Path, name: str, method: str) -> None:
    (tmp_path / "program.py").write_text(source(PROGRAMS[name], method))
    replays(tmp_path, TIMES, "program.py")


@pytest.mark.parametrize("method", METHODS)
def test_a_replay_of_a_broken_executor_ends(tmp_path: Path, method: str) -> None:
    """It may diverge: what its thread sends to workers that are dying is not all in the trace."""
    (tmp_path / "program.py").write_text(source(BROKEN, method))
    recorded = run(tmp_path, "program.py")
    assert recorded.status == 0, recorded.stderr
    done = trace("replay", recorded.file)
    assert done.returncode in (0, 1)
    assert done.returncode == 1 or done.stdout == recorded.stdout


def test_a_divergence_ends_processes_that_have_not_begun(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(source(PROGRAMS["looked at"], "fork"))
    recorded = run(tmp_path, "program.py")
    program.write_text(program.read_text().replace("0.002", "0.003"))
    for _ in range(3):
        assert trace("replay", recorded.file).returncode == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", OF_THE_TUTORIAL)
def test_programs_of_the_tutorial(tmp_path: Path, name: str, method: str) -> None:
    replays(tmp_path, 2, str(commandline.TUTORIAL / f"{name}.py"), method)


@pytest.mark.parametrize("method", METHODS)
def test_a_program_is_told_the_recorded_pids(tmp_path: Path, method: str) -> None:
    replays(tmp_path, 2, str(commandline.PROGRAMS / "pids.py"), method)


@pytest.mark.parametrize("program", OF_FORKS)
def test_programs_that_fork(tmp_path: Path, program: str) -> None:
    replays(tmp_path, 2, str(commandline.PROGRAMS / program))


def test_a_thread_that_was_woken_keeps_nobody_out_before_its_turn(tmp_path: Path) -> None:
    """Main has the GIL from `set` to `clear`; in a replay it waits for its child in between."""
    (tmp_path / "program.py").write_text("""
import multiprocessing, os, sys, threading, time
context = multiprocessing.get_context("fork")
def answer(source, to):
    while question := os.read(source, 1): os.write(to, question)
def work(begun, done):
    questions, answers = os.pipe(), os.pipe()
    threading.Thread(target=answer, args=(questions[0], answers[1])).start()
    while not begun.value: pass
    for _ in range(20):
        os.write(questions[1], b"?")
        os.read(answers[0], 1)
    done.value = 1
    os.close(questions[1])
if __name__ == "__main__":
    begun, done = (context.Value("i", 0, lock=False) for _ in range(2))
    event = threading.Event()
    waiting = threading.Thread(target=event.wait)
    process = context.Process(target=work, args=(begun, done))
    process.start()
    waiting.start()
    time.sleep(0.1)
    sys.setswitchinterval(100)
    event.set()
    begun.value = 1
    while not done.value: pass
    event.clear()
    sys.setswitchinterval(0.005)
    waiting.join()
    process.join()
""")
    replays(tmp_path, 1, "program.py")


@pytest.mark.parametrize("options", [(), ("--seed", "1"), ("--seed", "2")])
def test_messages_that_have_no_room_in_a_pipe(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "large.py").write_text(
        """
import multiprocessing
def produce(end, items):
    for n in range(4):
        end.send(bytes([n]) * 200_000)
    for n in range(8):
        items.put(bytes([n]) * 100_000)
if __name__ == "__main__":
    here, there = multiprocessing.Pipe(duplex=False)
    items = multiprocessing.Queue()
    process = multiprocessing.Process(target=produce, args=(there, items))
    process.start()
    print([here.recv()[0] for _ in range(4)], [items.get()[0] for _ in range(8)])
    process.join()
"""
    )
    recorded = run(tmp_path, "large.py", options=options)
    assert recorded.status == 0, recorded.stderr
    done = subprocess.run(
        [str(word) for word in (*TRACE, "replay", recorded.file)],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == recorded.stdout
