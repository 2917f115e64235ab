"""End recorded programs at random moments, and look at what is left of them.

    python tests/quality/endings.py --count 500 --seed 1 --jobs 2

interrupts, terminates or kills the programs of tests/programs/ended. After each, nothing of the run
may still be running, `trace run` has ended as the program does under plain Python, and the trace is
whole: written by `trace run`, or by `trace recover`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tracer

PROGRAMS = sorted((Path(__file__).parents[1] / "programs" / "ended").glob("*.py"))
DONE = 7
"""The exit status of each program that comes to its end."""

PATIENCE = 60.0
"""How long anything may take on a busy machine, in seconds."""

_TRACE = [sys.executable, "-m", "racetrace"]


class Started:
    """A command that was started in a session of its own; the program is its first child, or itself
    if it was started by plain Python."""

    def __init__(self, command: Sequence[str], folder: Path, *, recorded: bool) -> None:
        with open(folder / "output", "wb") as output:
            self.process = subprocess.Popen(
                command, cwd=folder, stdout=output, stderr=output, start_new_session=True
            )
        self.recorded = recorded

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal_group(self, number: int) -> None:
        os.killpg(self.pid, number)

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def signal_program(self, number: int) -> None:
        """Waits for the program to be there, if the supervisor has not started it yet."""
        if not self.recorded:
            return self.signal(number)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            # The witness comes after it.
            with open(f"/proc/{self.pid}/task/{self.pid}/children", "rb") as file:
                if children := file.read().split():
                    return os.kill(int(children[0]), number)
            if self.process.poll() is not None:
                return None
        raise TimeoutError("the program was not started")

    def left(self) -> list[str]:
        """What still runs of the session, after it had time to end."""
        end = time.monotonic() + PATIENCE
        while running := list(_session(self.pid)):
            if time.monotonic() > end:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                return running
            time.sleep(0.01)
        return []


def _session(leader: int) -> Iterator[str]:
    """The command lines of the processes of the session that have not ended."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) == leader:
                state = (folder / "stat").read_bytes().rpartition(b")")[2].split()[0]
                if state not in (b"Z", b"X"):
                    yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()


def _kill_both(started: Started) -> None:
    started.signal_program(signal.SIGKILL)
    started.signal(signal.SIGKILL)


WAYS: dict[str, tuple[int, Callable[[Started], None]]] = {
    "Ctrl-C": (signal.SIGINT, lambda one: one.signal_group(signal.SIGINT)),
    "SIGTERM to the group": (signal.SIGTERM, lambda one: one.signal_group(signal.SIGTERM)),
    "SIGTERM to the supervisor": (signal.SIGTERM, lambda one: one.signal(signal.SIGTERM)),
    "SIGINT to the supervisor": (signal.SIGINT, lambda one: one.signal(signal.SIGINT)),
    "SIGKILL of the program": (signal.SIGKILL, lambda one: one.signal_program(signal.SIGKILL)),
    "SIGKILL of the supervisor": (signal.SIGKILL, lambda one: one.signal(signal.SIGKILL)),
    "SIGKILL of both": (signal.SIGKILL, _kill_both),
}
"""How a run is ended: by which signal, sent by what."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One run to be ended: `moment` is the part of the run's usual time that has passed then."""

    program: Path
    way: str
    moment: float

    def __str__(self) -> str:
        return f"{self.program.stem}, {self.way} at {self.moment:.3f}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: `kind` in a word or two, and what is wrong with it, "" if nothing is."""

    ending: Ending
    kind: str
    wrong: str = ""


@cache
def usual(program: Path) -> float:
    """How long `trace run` of the program takes if nothing ends it, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        started = Started([*_TRACE, "run", str(program)], Path(folder), recorded=True)
        assert started.process.wait(PATIENCE) == DONE
        return time.monotonic() - began


def endings(count: int, seed: int) -> list[Ending]:
    """That many, spread over the programs and the ways, at moments that the seed gives."""
    chance = random.Random(seed)
    pairs = [(program, way) for way in WAYS for program in PROGRAMS]
    chance.shuffle(pairs)
    chosen = [pairs[number % len(pairs)] for number in range(count)]
    return [Ending(program, way, chance.random()) for program, way in chosen]


def end(ending: Ending) -> Outcome:
    """Run the program, end it, and look at what is left."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [*_TRACE, "run", "-o", "t.msgpack", str(ending.program)]
        started = Started(command, folder, recorded=True)
        number, act = WAYS[ending.way]
        time.sleep(ending.moment * usual(ending.program))
        with contextlib.suppress(ProcessLookupError):
            act(started)
        try:
            status = started.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            started.signal_group(signal.SIGKILL)
            return Outcome(ending, "hangs", "trace run did not end")
        if left := started.left():
            return Outcome(ending, "left", f"still running: {left}")
        output = (folder / "output").read_text(errors="replace")
        if number == signal.SIGINT and status == 1 and not output.count("trace: "):
            return Outcome(ending, "before it began")  # Python itself was starting
        if status not in (DONE, -number):
            return Outcome(ending, "status", f"ended with {status}\n{output}")
        if f"{os.sep}tracer{os.sep}" in output.partition("trace: ")[0]:
            return Outcome(ending, "traceback", output)
        return _trace(ending, folder, output)


def _trace(ending: Ending, folder: Path, output: str) -> Outcome:
    file, spool = folder / "t.msgpack", folder / "t.msgpack.spool"
    kind = "written"
    if spool.exists():
        kind = "recovered"
        if file.exists():
            kind = "both"  # it was killed as it removed the spool
        done = subprocess.run(
            [*_TRACE, "recover", str(spool)], capture_output=True, text=True, timeout=PATIENCE
        )
        output += done.stderr
        if done.returncode != 0 or spool.exists():
            return Outcome(ending, "not recovered", done.stderr)
    if not file.exists():
        said = "no trace: " in output or "nothing to recover: " in output
        killed = ending.way in ("SIGKILL of the supervisor", "SIGKILL of both")
        early = not output.strip() or (
            output.endswith("KeyboardInterrupt\n") and "trace: " not in output
        )
        wrong = "" if said or killed or early else f"no trace\n{output}"
        return Outcome(ending, "nothing recorded", wrong)
    trace = tracer.load(file)
    if trace.truncated or sum(1 for _ in trace.events) != len(trace.events):
        return Outcome(ending, "cut off", str(trace.truncated))
    trace.verdict()
    return Outcome(ending, kind)


def outcomes(chosen: Sequence[Ending], jobs: int) -> Iterator[Outcome]:
    """What comes of each, as it comes."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(end, chosen)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="", help="part of the name of the ways to try")
    given = parser.parse_args()
    chosen = [one for one in endings(given.count, given.seed) if given.only in one.way]
    table: Counter[tuple[str, str]] = Counter()
    wrong = 0
    for outcome in outcomes(chosen, given.jobs):
        table[outcome.ending.way, outcome.kind] += 1
        if outcome.wrong:
            wrong += 1
            print(f"WRONG: {outcome.ending}: {outcome.wrong}", flush=True)
    for (way, kind), count in sorted(table.items()):
        print(f"{way:28}{kind:20}{count:5}")
    print(f"{len(chosen)} endings, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
