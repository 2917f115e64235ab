"""Running the real command on real programs, and the same programs under plain python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from commands import TRACE, environment, invoke, trace

import tracer

__all__ = [
    "OF_THREADS",
    "PROGRAMS",
    "TRACE",
    "TUTORIAL",
    "Recorded",
    "assert_same_traces",
    "environment",
    "invoke",
    "plain",
    "run",
    "trace",
]

PROGRAMS = Path(__file__).parent.parent / "programs"
TUTORIAL = PROGRAMS / "tutorial"
OF_THREADS = [
    "sleeping_thread",
    "thread_subclass",
    "fifty_sleepers",
    "killed_daemon",
    "decrement",
    "decrement_in_steps",
    "locked_decrement",
    "rlock_twice",
    "semaphore",
    "timers",
    "traffic_light",
    "door",
    "three_queues",
    "joined_queue",
    "asks_first",
]
"""The programs of the tutorial that have one process."""


@dataclass(frozen=True)
class Recorded:
    """A program's run under `trace run`, and the trace it gave."""

    status: int
    stdout: str
    stderr: str
    file: Path

    @property
    def trace(self) -> tracer.Trace:
        return tracer.load(self.file)

    @property
    def program_stderr(self) -> str:
        """What the program itself wrote to stderr."""
        lines = self.stderr.splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith("trace: "))


def plain(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS…`."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )


def run(folder: Path, *arguments: str, options: tuple[str, ...] = (), stdin: str = "") -> Recorded:
    """Run `trace run OPTIONS… ARGUMENTS…` in the folder; the trace is `t.msgpack` there."""
    file = folder / "t.msgpack"
    done = invoke(folder, "run", "--force", "-o", file, *options, *arguments, stdin=stdin)
    return Recorded(done.returncode, done.stdout, done.stderr, file)


def assert_same_traces(run_once: Callable[[], Recorded], count: int) -> None:
    """That many runs give one trace, byte for byte; else say where two part."""
    first: Path | None = None
    for number in range(count):
        file = run_once().file
        kept = file.rename(file.with_name(f"{number}.msgpack"))
        first = first or kept
        if kept.read_bytes() != first.read_bytes():
            divergence = invoke(file.parent, "diff", first, kept)
            headers = [tracer.load(file).header["control"] for file in (first, kept)]
            pytest.fail(f"{divergence.stdout}{divergence.stderr}\n{headers[0]}\n{headers[1]}")
