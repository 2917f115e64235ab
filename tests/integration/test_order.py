"""The order in the log is the order in memory: a read returns the last value written before it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import tracer
from tracer import _core
from tracer.events import Op

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
_core.start(spool, 1, "main", True)
primitives.begin_session()
primitives.install()
exec(importhook.compile_main(open(script).read(), script), {"__name__": "__main__"})
_core.stop()
"""


def test_every_read_returns_the_last_write(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    script = tmp_path / "order.py"
    script.write_text(PROGRAM)
    subprocess.run(
        [sys.executable, "-c", RUNNER, str(spool), str(script)],
        check=True,
        timeout=60,
        cwd=tmp_path,
    )
    (spool / "run.json").write_text("{}")
    (spool / "end.json").write_text(json.dumps({"exit_status": {"1": 0}}))
    _core.write_trace(str(spool), str(tmp_path / "trace.msgpack"))
    last: dict[int, object] = {}
    reads = switches = running = 0
    for event in tracer.load(tmp_path / "trace.msgpack").events:
        switches += event.thread.id != running
        running = event.thread.id
        if event.op is Op.WRITE and event.location is not None:
            last[event.location.id] = event.value
        elif event.op is Op.READ and event.location is not None and event.location.id in last:
            assert event.value == last[event.location.id], event
            reads += 1
    assert reads >= 5 * 2000 * 7
    assert switches > 20  # the threads did run into each other
