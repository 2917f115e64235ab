"""Every program in `programs/replayed` is replayed as it was recorded, free and under a seed."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import invoke
from replays import End, once

import tracer

pytestmark = pytest.mark.one_version

UNDER_A_SEED = "# REPLAYS under a seed: "
"""How a program begins of which a free run may diverge, with the reason."""


def ways(program: Path) -> list[int | None]:
    """Free, if its free runs are replayed, and a seed."""
    return [1] if program.read_text().startswith(UNDER_A_SEED) else [None, 1]


RUNS = [
    pytest.param(program, way, id=f"{program.stem}-{'free' if way is None else 'seed'}")
    for program in sorted((Path(__file__).parent / "programs" / "replayed").glob("*.py"))
    for way in ways(program)
]


def forked(*arguments: str, folder: str) -> End:
    done = invoke(Path(folder), *arguments, timeout=120)
    return done.returncode, done.stdout.encode(), done.stderr


@pytest.mark.parametrize(("program", "way"), RUNS)
def test_what_was_recorded_is_replayed(tmp_path: Path, program: Path, way: int | None) -> None:
    failure, _ = once(program, way, str(tmp_path), forked)
    assert failure == ""
    (first, *_) = tracer.load(tmp_path / "run.msgpack").processes
    assert first.exit_status == 0
