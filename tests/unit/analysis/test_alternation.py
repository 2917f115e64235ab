"""Tasks that take turns in one thread: when they interleave on a variable."""

from __future__ import annotations

import pytest
from builder import Builder

ONE, OTHER = 1, 2


def kinds(*accesses: tuple[int, str, str]) -> list[str]:
    """The kinds of reason for these accesses, each in a turn of its own: task, letter, variable."""
    b = Builder()
    turns = []
    for task, access, name in accesses:
        location = b.global_(name)
        seq = b.write(1, location) if access == "w" else b.read(1, location)
        turns.append(("task", f"{task}:{seq}-{seq}:work", 1))
    b.start()  # a second thread, so that there was something to look at
    return [reason.kind for reason in b.trace(turns).verdict().reasons if reason.kind == "asyncio"]


@pytest.mark.parametrize(
    "accesses",
    [
        [(ONE, "r", "n"), (OTHER, "w", "n"), (ONE, "w", "n")],
        [(ONE, "r", "n"), (OTHER, "r", "n"), (ONE, "w", "n")],
        [(ONE, "w", "n"), (OTHER, "r", "n"), (ONE, "r", "n")],
        [(ONE, "r", "n"), (OTHER, "w", "n"), (OTHER, "r", "n"), (ONE, "r", "n")],
    ],
)
def test_a_task_that_comes_between_two_accesses_of_another(
    accesses: list[tuple[int, str, str]],
) -> None:
    assert kinds(*accesses) == ["asyncio"]


@pytest.mark.parametrize(
    "accesses",
    [
        [(ONE, "r", "n"), (ONE, "w", "n"), (OTHER, "r", "n"), (OTHER, "w", "n")],
        [(ONE, "r", "n"), (OTHER, "r", "n"), (ONE, "r", "n")],
        [(ONE, "w", "n"), (OTHER, "w", "m"), (ONE, "w", "n")],
        [(ONE, "w", "n"), (ONE, "r", "n"), (OTHER, "r", "n"), (ONE, "r", "m")],
    ],
)
def test_one_after_the_other_or_only_reads_or_of_others(
    accesses: list[tuple[int, str, str]],
) -> None:
    assert kinds(*accesses) == []
