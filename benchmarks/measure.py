"""What the benchmarks have in common: commands, run in turn, and their ratio.

Each ratio is the median of several pairs run one after the other (A B A B …), so that a machine
whose speed drifts changes both sides of a pair alike.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
TRACE = str(Path(sys.executable).with_name("trace"))
PAIRS = 7

Command = list[str]


def python(script: Path, *args: str) -> Command:
    return [sys.executable, str(script), *args]


def trace(folder: str, *args: str) -> Command:
    return [TRACE, "run", "--force", "-o", f"{folder}/bench.msgpack", *args]


def run(command: Command, prepare: Callable[[], None] | None = None) -> tuple[str, float, float]:
    """What the command printed, the whole wall time, and the time of its end (s)."""
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=prepare)
    end = time.monotonic()
    return done.stdout, end - start, end


def inside(command: Command) -> float:
    """What the program says first: the time of the measured part of it (s)."""
    return float(run(command)[0].split()[0])


def used(command: Command) -> float:
    """What the program says second: the processor time that its processes used for that (s).

    On one processor: it varies less there, and where the processes run makes no difference.
    """
    return float(run(command, on_one_processor)[0].split()[1])


def on_one_processor() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def whole(command: Command) -> float:
    return run(command)[1]


def reported(command: Command) -> float:
    """How long the recorded program ran, as the summary of `trace run` says (s)."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    size, unit = re.search(r"process, ([\d.,]+) (ms|s),", done.stderr).groups()
    return float(size.replace(",", "")) / {"ms": 1000, "s": 1}[unit]


def ratio(
    label: str,
    command: Command,
    base: Command,
    measure: Callable[[Command], float] = inside,
    pairs: int = PAIRS,
) -> None:
    measured = []
    for _ in range(pairs):
        a, b = measure(command), measure(base)
        measured.append((a / b, a, b))
    ratios = sorted(pair[0] for pair in measured)
    a, b = (statistics.median(pair[i] for pair in measured) for i in (1, 2))
    print(
        f"{label:<58} {statistics.median(ratios):5.2f}  (from {ratios[0]:.2f} to {ratios[-1]:.2f};"
        f" {a * 1e3:.0f} ms beside {b * 1e3:.0f} ms)",
        flush=True,
    )


def recorded(
    label: str,
    folder: str,
    program: str,
    *options: str,
    measure: Callable[[Command], float] = inside,
    pairs: int = PAIRS,
) -> None:
    """The slowdown of a program of the benchmarks under `trace run`."""
    script = PROGRAMS / f"{program}.py"
    ratio(label, trace(folder, *options, str(script)), python(script), measure, pairs)


def least(command: Command) -> float:
    """The shortest whole time of several runs (s)."""
    return min(whole(command) for _ in range(3))
