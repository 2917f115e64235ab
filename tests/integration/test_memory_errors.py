"""The program has no memory left, and handles that: no allocation of ours ends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import invoke

import tracer

pytestmark = pytest.mark.one_version

PROGRAM = """
import collections, multiprocessing, resource, threading

table, items, queue, number = {{}}, [], collections.deque(), 0

class Node:
    def __init__(self, value):
        self.value = value

def fill():
    global number
    caught = 0
    with open("/proc/self/statm") as file:
        limit = (int(file.read().split()[0]) << 12) + {room}
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for _ in range(2):
        ballast = bytearray(1 << 16)  # to have room for what follows an error
        try:
            while True:
                number += 1
                {body}
        except (MemoryError, RuntimeError):  # CPython's word for a lock that has no room
            del ballast
            caught += 1
            for container in (table, items, queue):
                container.clear()
    print("caught", caught, flush=True)

def run():
    thread = threading.Thread(target=fill)
    thread.start()
    thread.join()

if __name__ == "__main__":
    {start}
"""
HERE = "run()"
IN_A_CHILD = """process = multiprocessing.get_context("fork").Process(target=run)
    process.start()
    process.join()
    print(process.exitcode)"""
BODIES = {
    "keys": "table['%0400d' % number] = number",
    "objects": "table[number] = Node('%0400d' % number)",
    "locks": "queue.append((threading.Lock(), threading.Event(), bytearray(2000)))",
}


@pytest.mark.parametrize("body", BODIES)
def test_the_program_handles_it(tmp_path: Path, body: str) -> None:
    assert record(tmp_path, body) == "caught 2\n"


@pytest.mark.parametrize("body", ["keys"])
def test_in_a_forked_process(tmp_path: Path, body: str) -> None:
    assert record(tmp_path, body, start=IN_A_CHILD) == "caught 2\n0\n"


@pytest.mark.parametrize("body", ["locks"])
def test_under_control(tmp_path: Path, body: str) -> None:
    assert record(tmp_path, body, "--seed", "1") == "caught 2\n"


def record(folder: Path, body: str, *options: str, start: str = HERE) -> str:
    script = folder / "p.py"
    script.write_text(PROGRAM.format(body=BODIES[body], room=16 << 20, start=start))
    done = invoke(folder, "run", "-o", "t.msgpack", *options, "p.py", timeout=110)
    assert done.returncode == 0, done.stderr
    trace = tracer.load(folder / "t.msgpack")
    stopped = [reason for reason in trace.verdict().reasons if reason.kind == "recording-stopped"]
    assert all("memory" in reason.advice for reason in stopped)
    return done.stdout
