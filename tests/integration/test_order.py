"""The order in the log is the order in memory: a read returns the last value written before it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import tracer
from tracer import _core
from tracer.events import Op
from tracer.trace import Trace

PROGRAM = """
import sys, threading, time
sys.setswitchinterval(1e-6)
num = 0
class C: v = -1
c = C(); c.v = 0
d = {"k": 0}
together = threading.Barrier(5)
def outer():
    n = 0
    def work(base):
        nonlocal n
        global num
        together.wait()
        for i in range(2000):
            x = base + i
            if i % 50 == 0:
                time.sleep(0)  # others run too, however busy the machine is
            num = x
            num
            c.v = x
            c.v
            d["k"] = x
            d["k"]
            n = x
            n
            num += 1
            c.v += 1
            d["k"] += 1
            for num in (x,): pass
            (num := x)
            c.v, d["k"] = x, num
    return work
work = outer()
threads = [threading.Thread(target=work, args=(k * 1_000_000,)) for k in range(1, 6)]
for t in threads: t.start()
for t in threads: t.join()
"""

RUNNER = """
import sys
from tracer import _core
from tracer.instrument import importhook
from tracer import primitives
spool, script = sys.argv[1:]
_core.record.start(spool, 1, "main", True)
primitives.install()
exec(importhook.compile_main(open(script).read(), script), {"__name__": "__main__"})
_core.record.stop()
"""


CRITICAL = """
import sys, threading, time
sys.setswitchinterval(1e-6)
num = 0
class C: v = 0
c = C()
d = {"k": 0}
lock = threading.Lock()
together = threading.Barrier(3)
def work():
    global num
    together.wait()
    for i in range(3000):
        with lock:
            num += 1
            c.v = c.v + num
            d["k"] += c.v
            num, c.v = c.v, num
            del c.v
        if i % 50 == 0:
            time.sleep(0)
threads = [threading.Thread(target=work) for _ in range(3)]
for t in threads: t.start()
for t in threads: t.join()
"""


def record(folder: Path, program: str) -> Trace:
    spool = folder / "spool"
    spool.mkdir()
    script = folder / "order.py"
    script.write_text(program)
    subprocess.run(
        [sys.executable, "-c", RUNNER, str(spool), str(script)],
        check=True,
        timeout=60,
        cwd=folder,
    )
    (spool / "run.json").write_text("{}")
    (spool / "end.json").write_text(json.dumps({"exit_status": {"1": 0}}))
    _core.trace.write_trace(str(spool), str(folder / "trace.msgpack"))
    return tracer.load(folder / "trace.msgpack")


def test_every_read_returns_the_last_write(tmp_path: Path) -> None:
    last: dict[int, object] = {}
    reads = switches = running = 0
    for event in record(tmp_path, PROGRAM).events:
        switches += event.thread.id != running
        running = event.thread.id
        if event.op is Op.WRITE and event.location is not None:
            last[event.location.id] = event.value
        elif event.op is Op.READ and event.location is not None and event.location.id in last:
            assert event.value == last[event.location.id], event
            reads += 1
    assert reads >= 5 * 2000 * 7
    assert switches > 20  # the threads did run into each other


def test_threads_switch_only_where_the_program_lets_them(tmp_path: Path) -> None:
    # The interpreter switches after calls and at the end of a loop's round: never in this critical
    # section, so that no thread ever finds the lock taken.
    trace = record(tmp_path, CRITICAL)
    running = [event.thread.id for event in trace.events if event.op is Op.ACQUIRE]
    assert len(running) == 3 * 3000
    assert sum(a != b for a, b in itertools.pairwise(running)) > 20
    asked = [event for event in trace.events if event.op is Op.REQUEST and event.value == "acquire"]
    assert asked == []
