"""Every program in `programs/replayed` is replayed as it was recorded, free and under a seed."""

from __future__ import annotations

from pathlib import Path

import pytest
from replays import once

pytestmark = pytest.mark.one_version

KNOWN = {"logging_of_threads": "who gets past a handler's lock first is in no event"}
FOUND = sorted((Path(__file__).parent / "programs" / "replayed").glob("*.py"))
PROGRAMS = [
    pytest.param(
        program,
        id=program.stem,
        marks=[pytest.mark.xfail(reason=KNOWN[program.stem])] if program.stem in KNOWN else [],
    )
    for program in FOUND
]
WAYS = [None, 1]
"""Free, and a seed."""


@pytest.mark.parametrize("way", WAYS, ids=["free", "seed"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_what_was_recorded_is_replayed(tmp_path: Path, program: Path, way: int | None) -> None:
    failure, _ = once(program, way, str(tmp_path))
    assert failure == ""
