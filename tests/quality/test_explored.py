"""Programs that fail in some schedules, each found and reduced, and programs that never do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import invoke

from tracer.trace import load

PROGRAMS = Path(__file__).parent / "programs" / "explored"
FAILING = sorted((PROGRAMS / "fails").glob("*.py"))
PASSING = sorted((PROGRAMS / "passes").glob("*.py"))


def named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("program", FAILING, ids=named)
def test_a_schedule_that_fails_is_found_and_replays(tmp_path: Path, program: Path) -> None:
    """The first line of each says how it fails."""
    expected = program.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# FAILS: ")
    found = invoke(tmp_path, "explore", "--workers", 1, program, timeout=300)
    assert found.returncode == 1, found.stdout + found.stderr
    assert re.search(rf"^FAILED: .*{re.escape(expected)}", found.stdout), found.stdout
    file = tmp_path / "traces" / f"{program.stem}.failing.msgpack"
    assert found.stderr.endswith(f"next: trace replay {file.relative_to(tmp_path)}\n")
    again = invoke(tmp_path, "replay", "--times", 3, file)
    assert again.returncode == 0, again.stderr
    schedule = re.search(r"--schedule '([^']*)'", found.stderr)
    words = ["--schedule", schedule[1] if schedule else ""]
    same = invoke(tmp_path, "run", "-o", "same.msgpack", *words, program)
    assert same.returncode != 0 or "died of" in same.stderr, same.stderr
    one, other = load(file), load(tmp_path / "same.msgpack")
    assert [repr(event) for event in one.events] == [repr(event) for event in other.events]


@pytest.mark.parametrize("program", PASSING, ids=named)
def test_a_program_that_never_fails_passes(tmp_path: Path, program: Path) -> None:
    found = invoke(tmp_path, "explore", "--schedules", 60, program, timeout=300)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "verdict: passed: nothing failed in 60 schedules" in found.stdout
    assert not (tmp_path / "traces").exists()
