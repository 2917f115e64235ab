"""Prints every figure of speed and size that the README claims, as ratios of one run.

    make bench                  all of it
    python -m benchmarks NAME   one part: recording, startup, file, plugin

Each ratio is the median of several pairs run in turn (A B A B …), so that a machine whose speed
drifts changes both sides of a pair alike.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.plugin import plugin

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
PAIRS = 7

Command = list[str]


def python(script: Path, *args: str) -> Command:
    return [sys.executable, str(script), *args]


def trace(folder: str, *args: str) -> Command:
    executable = Path(sys.executable).with_name("trace")
    return [str(executable), "run", "--force", "-o", f"{folder}/bench.msgpack", *args]


def run(command: Command) -> tuple[list[float], float, float]:
    """What the program printed of itself, the whole wall time, and the time of its end (s)."""
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    end = time.monotonic()
    printed = [float(word) for word in done.stdout.split() if word[0].isdigit()]
    return printed, end - start, end


def inside(command: Command) -> float:
    return run(command)[0][0]


def whole(command: Command) -> float:
    return run(command)[1]


def ratio(label: str, command: Command, base: Command, measure=inside) -> None:
    pairs = []
    for _ in range(PAIRS):
        a, b = measure(command), measure(base)
        pairs.append((a / b, a, b))
    ratios = sorted(pair[0] for pair in pairs)
    a, b = (statistics.median(pair[i] for pair in pairs) for i in (1, 2))
    print(
        f"{label:<58} {statistics.median(ratios):5.2f}  (from {ratios[0]:.2f} to {ratios[-1]:.2f};"
        f" {a * 1e3:.0f} ms beside {b * 1e3:.0f} ms)",
        flush=True,
    )


def recording(folder: str) -> None:
    print(f"Slowdown of the recorded program, times plain Python {sys.version.split()[0]}")
    counter, bare = PROGRAMS / "locked_counter.py", PROGRAMS / "shared_counter.py"
    alone = PROGRAMS / "nothing_shared.py"
    ratio("locked counter, trace run", trace(folder, str(counter)), python(counter))
    ratio(
        "locked counter, trace run --no-memory",
        trace(folder, "--no-memory", str(counter)),
        python(counter),
    )
    wrapper = HERE / "recorders" / "python_wrapper.py"
    ratio("locked counter, a recorder in plain Python", python(wrapper), python(counter))
    if sys.version_info >= (3, 12):
        monitoring = python(HERE / "recorders" / "monitoring.py", str(counter))
        ratio("locked counter, a sys.monitoring recorder", monitoring, python(counter))
    else:
        print("locked counter, a sys.monitoring recorder: needs Python 3.12")
    viztracer = [
        sys.executable,
        "-m",
        "viztracer",
        "--quiet",
        "-o",
        f"{folder}/v.json",
        str(counter),
    ]
    ratio("locked counter, viztracer (C calls only)", viztracer, python(counter))
    ratio("bare shared counter, trace run", trace(folder, str(bare)), python(bare))
    ratio("nothing shared, trace run", trace(folder, str(alone)), python(alone))


def startup(folder: str) -> None:
    # An installed package is compiled; one that is being worked on may be so only in part.
    compileall.compile_dir(HERE.parent / "tracer", quiet=1)
    print("Start-up: whole commands, times python of an empty script")
    empty = PROGRAMS / "empty.py"
    ratio("trace run of an empty script", trace(folder, str(empty)), python(empty), whole)
    ratio(
        "trace --help",
        [str(Path(sys.executable).with_name("trace")), "--help"],
        python(empty),
        whole,
    )


def file(folder: str) -> None:
    print("The file: a million events of the locked counter")
    counter = PROGRAMS / "locked_counter.py"
    per_thread = "84000"
    after, ran = [], []
    for _ in range(3):
        printed, _, end = run(trace(folder, str(counter), per_thread))
        after.append(end - printed[1])
        ran.append(printed[0])
    path = Path(folder) / "bench.msgpack"
    import tracer

    events = len(tracer.load(path).events)
    print(f"{events} events, {path.stat().st_size / events:.2f} bytes an event on disk")
    print(
        f"from the program's end to the written trace: {statistics.median(after):.2f} s,"
        f" {statistics.median(after) / statistics.median(ran):.2f} times the run itself"
    )
    check = [str(Path(sys.executable).with_name("trace")), "check", str(path)]
    start = time.monotonic()
    process = subprocess.Popen(check, stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    took = time.monotonic() - start
    times = took / statistics.median(ran)
    print(f"trace check of it: {took:.2f} s, {times:.2f} times the run itself,")
    print(f"    peak memory {usage.ru_maxrss / 1024:.0f} MiB")


PARTS = {"recording": recording, "startup": startup, "file": file, "plugin": plugin}


def main() -> None:
    chosen = sys.argv[1:] or list(PARTS)
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            PARTS[name](folder)
            print()


if __name__ == "__main__":
    main()
