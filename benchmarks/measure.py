"""What the benchmarks have in common: an interpreter, commands that it runs in turn, their ratio.

Each ratio is the median of several pairs run one after the other (A B A B …), so that a machine
whose speed drifts changes both sides of a pair alike.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
PAIRS = 7

Command = list[str]


class Bench:
    """An interpreter, whose environment has racetrace, and the ratios that were measured on it."""

    def __init__(self, python: str, folder: str) -> None:
        self.python = python
        self.trace = str(Path(python).with_name("trace"))
        self.folder = folder
        found = self.ask("import sys; print('%d.%d.%d' % sys.version_info[:3])")
        self.version = tuple(map(int, found.split(".")))
        self.name = f"CPython {found}"
        self.ratios: dict[str, float] = {}

    def ask(self, code: str) -> str:
        """What the interpreter prints. Raises CalledProcessError."""
        command = [self.python, "-c", code]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def has(self, module: str) -> bool:
        """Whether the environment has that module."""
        return self.ask(f"import importlib.util as i; print(i.find_spec({module!r}))") != "None"

    def plain(self, script: Path, *args: str) -> Command:
        return [self.python, str(script), *args]

    def traced(self, *args: str) -> Command:
        return [self.trace, "run", "--force", "-o", f"{self.folder}/bench.msgpack", *args]

    def ratio(
        self,
        label: str,
        command: Command,
        base: Command,
        measure: Callable[[Command], float] | None = None,
        pairs: int = PAIRS,
        unit: str = "ms",
    ) -> None:
        """Print how many times as much the command takes as the other; `unit` is what
        `measure` says, of which a second is a thousand ms."""
        measure = measure or inside
        measured = []
        for _ in range(pairs):
            a, b = measure(command), measure(base)
            measured.append((a / b, a, b))
        ratios = sorted(pair[0] for pair in measured)
        a, b = (statistics.median(pair[i] for pair in measured) for i in (1, 2))
        self.ratios[label] = statistics.median(ratios)
        scale = 1000 if unit == "ms" else 1
        print(
            f"{label:<58} {self.ratios[label]:5.2f}  (from {ratios[0]:.2f} to {ratios[-1]:.2f};"
            f" {a * scale:.0f} {unit} beside {b * scale:.0f} {unit})",
            flush=True,
        )

    def recorded(
        self,
        label: str,
        program: str,
        *options: str,
        measure: Callable[[Command], float] | None = None,
        pairs: int = PAIRS,
        unit: str = "ms",
    ) -> None:
        """The same of a program of the benchmarks under `trace run`, beside it plain."""
        script = PROGRAMS / f"{program}.py"
        traced = self.traced(*options, str(script))
        self.ratio(label, traced, self.plain(script), measure, pairs, unit)


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


def program_peak(command: Command) -> float:
    """The most memory that the program had at a time (MiB); of `trace run` that is its child."""
    return _peaks(command)[0]


def largest_peak(command: Command) -> float:
    """The same of the largest process of Python, which may be what writes the trace (MiB)."""
    return _peaks(command)[1]


def _peaks(command: Command) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sitecustomize.py").write_text(_TELLING)
        path = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))
        variables = {**os.environ, "PYTHONPATH": path}
        ignored = subprocess.DEVNULL
        process = subprocess.Popen(command, env=variables, stdout=ignored, stderr=ignored)
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)
        told = [file.read_text().split() for file in Path(folder).glob("*.peak")]
    place = 1 if Path(command[0]).name == "trace" else 0  # among its own pid, and its parent's
    (size,) = (int(one[2]) for one in told if int(one[place]) == process.pid)
    return size / 1024, max(int(one[2]) for one in told) / 1024


_TELLING = """
import atexit, os
def tell():
    status = open("/proc/self/status").read()
    size = status.partition("VmHWM:")[2].split()[0]
    with open(f"{os.path.dirname(__file__)}/{os.getpid()}.peak", "w") as file:
        file.write(f"{os.getpid()} {os.getppid()} {size}")
atexit.register(tell)
"""


def reported(command: Command) -> float:
    """How long the recorded program ran, as the summary of `trace run` says (s)."""
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    size, unit = re.search(r"process, ([\d.,]+) (ms|s),", done.stderr).groups()
    return float(size.replace(",", "")) / {"ms": 1000, "s": 1}[unit]


def least(command: Command) -> float:
    """The shortest whole time of several runs (s)."""
    return min(whole(command) for _ in range(3))
