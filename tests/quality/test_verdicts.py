"""The corpus: every right program is clean and every bug is found, in a free run and under seeds,
but for the programs that known_misses.toml names with a reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from verdicts import FREE, Program, Supervisors, programs

pytestmark = pytest.mark.one_version

WAYS = (FREE, 0, 1)
ENTRIES = tomllib.loads(Path(__file__).with_name("known_misses.toml").read_text())["known"]
KNOWN = {name for entry in ENTRIES for name in entry["programs"]}
"""Programs of which at least one run under a seed has the wrong verdict: the same one each time."""
BY_CHANCE = {name for entry in ENTRIES for name in entry.get("by_chance", ())}
"""Programs whose verdict depends on what the free run happens to do."""
ALL = programs()


@pytest.fixture(scope="module")
def supervisors() -> Iterator[Supervisors]:
    """One process that records all of the runs: to start `trace run` costs as much as a run."""
    with Supervisors(1) as started:
        yield started


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.name)
def test_the_verdict_is_right(program: Program, supervisors: Supervisors) -> None:
    wrong = [one for one in supervisors.outcomes([program], WAYS) if not one.right]
    if program.name in KNOWN:
        assert wrong, "right in every run: take it out of known_misses.toml"
    elif program.name not in BY_CHANCE:
        assert not wrong, "\n".join(map(str, wrong))


def test_what_is_known_has_a_reason() -> None:
    assert {program.name for program in ALL} >= KNOWN | BY_CHANCE
    assert all(entry["reason"] for entry in ENTRIES)
