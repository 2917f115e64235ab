"""Which schedules are tried, in which order."""

from __future__ import annotations

from ..runs.control import Control

PORTFOLIO = "portfolio"
"""The strategy that is a turn of all others, so that no one has to choose."""

_TURN = (
    ("pct", 2, False),
    ("random", 0, False),
    ("pos", 0, False),
    ("pct", 3, False),
    ("random", 0, True),
    ("pos", 0, True),
    ("pct", 2, True),
    ("pct", 4, False),
)
"""A strategy, its depth, and whether time is explored."""


MOST_STEPS = 1_000_000
"""A run that has not ended after so many steps is taken for one that never ends."""


def first() -> Control:
    """The run in which each thread goes on for as long as it can. It shows how long runs are."""
    return Control("schedule", most_steps=MOST_STEPS)


def choose(strategy: str, seed: int, number: int, length: int) -> Control:
    """How the schedule of that number, from 1 on, is chosen: by `strategy`, in runs of some
    `length` steps. The same arguments give the same schedule."""
    if strategy != PORTFOLIO:
        name, depth, explores_time = strategy, 2 + number % 3, False
    else:
        name, depth, explores_time = _TURN[(number - 1) % len(_TURN)]
    return Control(
        name,
        seed + number,
        depth=max(depth, 1),
        length=max(length, 1),
        explores_time=explores_time,
        most_steps=MOST_STEPS,
    )
