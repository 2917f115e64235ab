"""`trace replay`: what real time has decided in a recording is decided so again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commandline import PROGRAMS, TRACE, environment, run

HERE = PROGRAMS / "replay"


@pytest.mark.parametrize("program", ["append", "items", "locks", "ping", "pool", "waits"])
def test_timed_and_non_blocking_attempts_end_as_recorded(tmp_path: Path, program: str) -> None:
    # Each program races for what it prints; two recordings are hardly ever the same.
    for _ in range(2):
        recorded = run(tmp_path, str(HERE / f"{program}.py"))
        assert recorded.status == 0, recorded.stderr
        copy = tmp_path / "again.msgpack"
        copy.unlink(missing_ok=True)
        command = [*TRACE, "replay", "--times", "2", "--record", copy, recorded.file]
        done = subprocess.run(
            [str(word) for word in command],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == 2 * recorded.stdout
