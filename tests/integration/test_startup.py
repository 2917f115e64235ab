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
    "racetrace.tracer.analysis",
    "racetrace.tracer.events",
    "racetrace.tracer.log",
    "racetrace.tracer.reporters",
    "racetrace.tracer.trace",
}


def imported(command: list[str]) -> set[str]:
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_program_finds_nothing_imported_that_is_slow_and_not_needed(tmp_path: Path) -> None:
    code = "import sys; print(*sys.modules)"
    modules = imported([*TRACE, "run", "-o", str(tmp_path / "t.msgpack"), "-c", code])
    assert "racetrace.tracer.primitives.threads" in modules
    assert modules & SLOW == set()


def test_the_supervisor_imports_no_more_than_it_needs_to_start_the_program() -> None:
    code = "import sys, tracer.commands.run, tracer.supervising.supervisor; print(*sys.modules)"
    modules = imported([sys.executable, "-c", code])
    assert "racetrace.tracer.supervising.supervisor" in modules
    ours = ("analysis", "events", "primitives")
    later = {"dataclasses", "msgpack", *(f"racetrace.tracer.{name}" for name in ours)}
    assert modules & later == set()


def test_a_clean_run_needs_nothing_of_what_findings_are_told_with(tmp_path: Path) -> None:
    script = tmp_path / "clean.py"
    script.write_text(
        "import threading\n"
        "num, lock = 0, threading.Lock()\n"
        "def work():\n"
        "    global num\n"
        "    with lock:\n"
        "        num += 1\n"
        "threads = [threading.Thread(target=work) for _ in range(2)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()\n"
    )
    told = tmp_path / "modules"
    run = ["trace", "run", "-o", str(tmp_path / "t.msgpack"), str(script)]
    code = (
        "import atexit, sys\n"
        f"tell = lambda: open({str(told)!r}, 'w').write(' '.join(sys.modules))\n"
        "atexit.register(tell)\n"
        f"sys.argv = {run!r}\n"
        "from tracer.commands import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert "trace: no findings\n" in done.stderr
    modules = set(told.read_text().split())
    assert "racetrace.tracer.analysis.verdict" in modules
    ours = ("analysis.described", "analysis.rules", "reporters")
    slow = {f"racetrace.tracer.{name}" for name in ours}
    assert modules & slow == set()
