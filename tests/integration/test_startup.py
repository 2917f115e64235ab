"""What a run costs before the program's first line: the modules that are imported for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from commandline import TRACE, environment

# Each takes several milliseconds, and none is needed to record a program.
SLOW = {
    "click",
    "dataclasses",
    "importlib.abc",
    "inspect",
    "json",
    "msgpack",
    "pathlib",
    "subprocess",
    "tracer.analysis",
    "tracer.events",
    "tracer.log",
    "tracer.reporters",
    "tracer.trace",
}


def imported(command: list[str]) -> set[str]:
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_program_finds_nothing_imported_that_is_slow_and_not_needed(tmp_path: Path) -> None:
    code = "import sys; print(*sys.modules)"
    modules = imported([*TRACE, "run", "-o", str(tmp_path / "t.msgpack"), "-c", code])
    assert "tracer.primitives.threads" in modules
    assert modules & SLOW == set()


def test_the_supervisor_imports_no_more_than_it_needs_to_start_the_program() -> None:
    code = "import sys, tracer.commands.run, tracer.supervising.supervisor; print(*sys.modules)"
    modules = imported([sys.executable, "-c", code])
    assert "tracer.supervising.supervisor" in modules
    assert modules & {"msgpack", "tracer.analysis", "tracer.events", "tracer.primitives"} == set()
