"""Runs a program under a sys.monitoring recorder that keeps only loads and stores of globals and
attributes and the calls of a lock's methods switched on (Python 3.12 and newer)."""

import dis
import itertools
import runpy
import sys
import threading
import time

events = []
seq = itertools.count(1)
INTERESTING = {
    "LOAD_GLOBAL",
    "STORE_GLOBAL",
    "LOAD_ATTR",
    "STORE_ATTR",
    "BEFORE_WITH",
    "WITH_EXCEPT_START",
}
names = {}


def instruction(code, offset):
    ops = names.get(code)
    if ops is None:
        ops = {i.offset: (i.opname, i.argval) for i in dis.get_instructions(code)}
        names[code] = ops
    op, target = ops.get(offset, ("", None))
    if op not in INTERESTING or target == "range":
        return sys.monitoring.DISABLE
    events.append((next(seq), time.monotonic_ns(), threading.get_ident(), op, target))


class Recorder:
    """Switches the events on for the program's own functions only."""

    def __init__(self):
        tool = sys.monitoring.PROFILER_ID
        sys.monitoring.use_tool_id(tool, "benchmark")
        sys.monitoring.register_callback(tool, sys.monitoring.events.INSTRUCTION, instruction)
        sys.monitoring.register_callback(tool, sys.monitoring.events.PY_START, self.started)
        sys.monitoring.set_events(tool, sys.monitoring.events.PY_START)
        self.tool = tool

    def started(self, code, offset):
        if code.co_filename == script and code.co_name != "<module>":
            sys.monitoring.set_local_events(self.tool, code, sys.monitoring.events.INSTRUCTION)
        return sys.monitoring.DISABLE


script = sys.argv[1]
sys.argv = sys.argv[1:]
Recorder()
runpy.run_path(script, run_name="__main__")
