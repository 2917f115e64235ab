"""What is found in real runs of the programs in tests/programs/findings: every bug, and nothing
in a correct program."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import invoke

import tracer

PROGRAMS = Path(__file__).parents[1] / "programs" / "findings"

# The findings of each program. How threads are scheduled decides what is observed and what is
# predicted, so only the kinds are fixed.
BUGGY = {
    "accessors": {"lost-update"},
    "account": {"atomicity-violation"},
    "attr": {"lost-update"},
    "carried": {"lost-update"},
    "closure": {"lost-update"},
    "consumers": {"atomicity-violation"},
    "deadlock": {"deadlock"},
    "dict": {"atomicity-violation"},
    "event": {"atomicity-violation"},
    "hasattr": {"atomicity-violation"},
    "item": {"lost-update"},
    "iter": {"data-race"},
    "late_claim": {"atomicity-violation"},
    "lazy": {"atomicity-violation"},
    "qsize": {"atomicity-violation"},
    "same_version": {"atomicity-violation"},
    "stack": {"atomicity-violation"},
    "two_sections": {"lost-update"},
}
CLEAN = sorted(path.stem.removeprefix("clean_") for path in PROGRAMS.glob("clean_*.py"))


def recorded(program: Path, folder: Path) -> tracer.Trace:
    trace = folder / "run.msgpack"
    invoke(folder, "run", "--timeout", "20", "-o", trace, program)
    return tracer.load(trace)


@pytest.mark.parametrize("name", BUGGY)
def test_the_bug_is_found(name: str, tmp_path: Path) -> None:
    findings = recorded(PROGRAMS / f"buggy_{name}.py", tmp_path).findings()
    assert {found.kind for found in findings} == BUGGY[name]
    for found in findings:
        assert found.explanation
        assert found.advice
        assert len(found.events) == len(found.locks)
        assert (found.witness is None) == (found.status == "observed")


def test_plain_accesses_whose_order_is_open_are_a_note(tmp_path: Path) -> None:
    verdict = recorded(PROGRAMS / "buggy_nojoin.py", tmp_path).verdict()
    assert verdict.findings == ()
    assert "unordered-accesses" in {note.kind for note in verdict.notes}


@pytest.mark.parametrize("name", CLEAN)
def test_a_correct_program_is_clean(name: str, tmp_path: Path) -> None:
    trace = recorded(PROGRAMS / f"clean_{name}.py", tmp_path)
    assert len(trace.events) > 0
    assert [found.explanation for found in trace.findings()] == []


def test_programs_are_all_listed() -> None:
    buggy = {path.stem.removeprefix("buggy_") for path in PROGRAMS.glob("buggy_*.py")}
    assert buggy == {*BUGGY, "nojoin"}  # that one has a note
    assert len(CLEAN) >= 15
