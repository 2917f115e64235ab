"""Processes that wait for each other's locks until somebody ends them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commandline import PROGRAMS, TRACE, environment
from test_processes import METHODS

import tracer

pytestmark = pytest.mark.one_version

PROGRAM = PROGRAMS / "processes_deadlock.py"
LINE = 1 + PROGRAM.read_text().splitlines().index("        with second:")


def ended(folder: Path, method: str, how: str, *options: str) -> str:
    """The deadlock is found, with its processes, locks and lines; what the run has said."""
    done = subprocess.run(
        [*TRACE, "run", "-o", "t.msgpack", *options, str(PROGRAM), method, how, "told"],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
    )
    trace = tracer.load(folder / "t.msgpack")
    (found,) = trace.findings()
    assert (found.kind, found.status) == ("deadlock", "observed")
    assert {thread.path for thread in found.threads} == {"main/p1", "main/p2"}
    assert {(Path(site.file).name, site.line) for site in found.sites} == {(PROGRAM.name, LINE)}
    names = {thread.path: thread.label for thread in found.threads}
    for path, wanted, held in (("main/p1", "b", "a"), ("main/p2", "a", "b")):
        text = f"{names[path]} waits for {wanted} at {PROGRAM.name}:{LINE} holding {held}"
        assert text in found.explanation
    return done.stderr


@pytest.mark.parametrize("how", ["ctrl-c", "terminate", "kill"])
@pytest.mark.parametrize("method", METHODS)
def test_the_program_is_ended(tmp_path: Path, method: str, how: str) -> None:
    assert "trace: Deadlock (observed) at" in ended(tmp_path, method, how)


def test_the_run_is_ended_after_a_time(tmp_path: Path) -> None:
    assert "stopped by --timeout after 5 s" in ended(tmp_path, "fork", "wait", "--timeout", "5")
