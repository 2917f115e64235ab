"""`trace replay` of programs of several processes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import commandline
import pytest
from commandline import TRACE, environment, run

METHODS = ["fork", "spawn", "forkserver"]

ROWS = ["15", "16", "17", "18"]
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


def source(program: str, method: str) -> str:
    return f"import multiprocessing\ncontext = multiprocessing.get_context({method!r})\n{program}"


def trace(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TRACE, *map(str, arguments)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_recorded_run_again_each_time(tmp_path: Path, name: str, method: str) -> None:
    (tmp_path / "program.py").write_text(source(PROGRAMS[name], method))
    recorded = run(tmp_path, "program.py")
    assert recorded.status == 0, recorded.stderr
    copy = tmp_path / "again.msgpack"
    done = trace("replay", "--times", 4, "--record", copy, recorded.file)
    assert done.returncode == 0, done.stderr
    assert done.stdout == 4 * recorded.stdout
    assert trace("diff", recorded.file, copy).returncode == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("row", ROWS)
def test_rows(tmp_path: Path, row: str, method: str) -> None:
    recorded = run(tmp_path, str(commandline.PROGRAMS / f"row{row}.py"), method)
    copy = tmp_path / "again.msgpack"
    done = trace("replay", "--times", 2, "--record", copy, recorded.file)
    assert done.returncode == 0, done.stderr
    assert done.stdout == 2 * recorded.stdout
    assert trace("diff", recorded.file, copy).returncode == 0
