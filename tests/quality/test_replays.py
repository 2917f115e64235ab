"""Every program in `programs/replayed` is replayed as it was recorded, free and under a seed."""

from __future__ import annotations

from pathlib import Path

import pytest
from replays import once

pytestmark = pytest.mark.one_version

PROGRAMS = sorted((Path(__file__).parent / "programs" / "replayed").glob("*.py"))
WAYS = [None, 1]
"""Free, and a seed."""


@pytest.mark.parametrize("way", WAYS, ids=["free", "seed"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_what_was_recorded_is_replayed(tmp_path: Path, program: Path, way: int | None) -> None:
    failure, _ = once(program, way, str(tmp_path))
    assert failure == ""
