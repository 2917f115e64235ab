"""Writing the file of a million events, its size, and checking it."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from pathlib import Path

import tracer

from .measure import PROGRAMS, Bench, run


def measure(bench: Bench) -> None:
    print("The file: a million events of the locked counter")
    counter = PROGRAMS / "locked_counter.py"
    per_thread = "84000"
    after, ran = [], []
    for _ in range(3):
        printed, _, end = run(bench.traced(str(counter), per_thread))
        took, ended = map(float, printed.split())
        after.append(end - ended)
        ran.append(took)
    path = Path(bench.folder) / "bench.msgpack"
    events = len(tracer.load(path).events)
    print(f"{events} events, {path.stat().st_size / events:.2f} bytes an event on disk")
    print(
        f"from the program's end to the written trace: {statistics.median(after):.2f} s,"
        f" {statistics.median(after) / statistics.median(ran):.2f} times the run itself"
    )
    start = time.monotonic()
    process = subprocess.Popen(
        [bench.trace, "check", str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    took = time.monotonic() - start
    times = took / statistics.median(ran)
    print(f"trace check of it: {took:.2f} s, {times:.2f} times the run itself,")
    print(f"    peak memory {usage.ru_maxrss / 1024:.0f} MiB")
