"""`from tracer import threading, queue, futures` in place of the standard modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import queue as std_queue, sys, threading as std
from concurrent import futures as std_futures
from tracer import futures, queue, threading
from tracer.threading import Thread, main_thread

lock, rlock, condition = threading.Lock(), threading.RLock(), threading.Condition()
items = queue.Queue()
assert threading.Thread is std.Thread is Thread and queue.Queue is std_queue.Queue
assert futures.Future is std_futures.Future and futures.wait is std_futures.wait
assert isinstance(main_thread(), threading.Thread)
assert threading.Lock is std.Lock and threading.RLock is std.RLock
assert type(lock) is type(std.Lock()) and type(rlock) is type(std.RLock())
assert set(std.__all__) <= set(dir(threading)) and set(std.__all__) == set(threading.__all__)
assert threading._active is std._active
hook = lambda args: None
threading.excepthook = hook
assert std.excepthook is hook and threading.excepthook is hook
with lock, rlock:  # nothing is recorded, and all works
    with condition:
        condition.notify()

import tracer
with tracer.record(sys.argv[1]):
    def work():
        with lock, rlock, condition:
            items.put(1)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert items.get() == 1
trace = tracer.load(sys.argv[1])
print(*[event.op.label for event in trace.events if event.thread.path == "main.1"])
"""


def test_a_program_that_imports_the_drop_ins(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    run = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "x.msgpack")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stderr == ""
    acquires = ["acquire"] * 3
    releases = ["release"] * 3
    assert run.stdout.split() == ["begin", *acquires, "put", *releases, "end"]
