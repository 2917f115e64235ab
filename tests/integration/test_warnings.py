"""Where every warning is an error, nothing of ours is one, and the program's own are as ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import TRACE, environment

MODULE = """
import threading
n = 0
table = {}

def add(key):
    global n
    n += 1
    table[key] = n
"""
SCRIPT = """
import asyncio, concurrent.futures, multiprocessing, threading
import module

def work(key):
    module.add(key)
    exec("x = 1", globals())

if __name__ == "__main__":
    threads = [threading.Thread(target=work, args=(key,)) for key in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    with concurrent.futures.ThreadPoolExecutor(2) as pool: list(pool.map(work, "ab"))
    for method in ("spawn", "forkserver"):
        process = multiprocessing.get_context(method).Process(target=work, args=("p",))
        process.start()
        process.join()
        print(method, process.exitcode)
    with multiprocessing.Manager() as manager: manager.dict()["a"] = 1
    multiprocessing.Value("i").value += 1
    print(sorted(map(str, module.table)))
"""
PARTIAL = """
import tracer
from script import work
with tracer.record("part.msgpack", force=True):
    for key in "cd": work(key)
"""
TESTS = """
import threading
import pytest
from module import add

def run():
    threads = [threading.Thread(target=add, args=(key,)) for key in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

def test_plain():
    run()
"""
RECORDED_TESTS = f"""{TESTS}
@pytest.mark.trace
def test_marked():
    run()

def test_part(trace_recorder):
    with trace_recorder:
        run()
"""
FILES = {
    "module.py": MODULE,
    "script.py": SCRIPT,
    "partial.py": PARTIAL,
    "test_plain.py": TESTS,
    "test_recorded.py": RECORDED_TESTS,
    "odd.py": "import threading\nx = 1 is 1\nprint(x)\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


RUN = [*TRACE[1:], "run", "--force", "-o", "t.msgpack"]
COMMANDS = {
    "script": [*RUN, "script.py"],
    "module": [*RUN, "-m", "script"],
    "code": [*RUN, "-c", "import runpy; runpy.run_path('script.py', run_name='__main__')"],
    "under control": [*RUN, "--seed", "1", "script.py"],
    "followed": [*RUN, "--follow-subprocess", "script.py"],
    "part": ["partial.py"],
    "pytest": ["-m", "pytest", "-q", "test_plain.py", "test_recorded.py"],
    "pytest recorded": [*RUN, "-m", "pytest", "-q", "test_plain.py"],
}
ERRORS = {
    "option": (["-X", "dev", "-W", "error"], {}),
    "variable": ([], {"PYTHONWARNINGS": "error"}),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("way", ERRORS)
def test_nothing_of_ours_warns(folder: Path, command: str, way: str) -> None:
    flags, variables = ERRORS[way]
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    done = execute(folder, [sys.executable, *flags, *COMMANDS[command]], variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout + done.stderr


def execute(
    folder: Path, command: list[str], variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment(), **variables, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])},
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.mark.parametrize("action", ["error", "always", "ignore", "once"])
def test_the_program_is_warned_as_ever(folder: Path, action: str) -> None:
    plain = execute(folder, [sys.executable, "-W", action, "odd.py"], {})
    ours = execute(folder, [sys.executable, "-W", action, *RUN, "odd.py"], {})
    said = [line for line in ours.stderr.splitlines() if not line.startswith("trace: ")]
    assert (ours.returncode, ours.stdout, said) == (
        plain.returncode,
        plain.stdout,
        plain.stderr.splitlines(),
    )
