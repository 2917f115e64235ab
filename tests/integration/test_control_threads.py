"""Threads of every making under control: none is taken for dead, and none waits for one that is not
there."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import PROGRAMS, Recorded, run

from tracer import _core

HERE = PROGRAMS / "control"
SEEDS = range(8)


def controlled(folder: Path, program: str, seed: int, strategy: str = "random") -> Recorded:
    """The program's run under control, ended after a while if it hangs."""
    options = ("--seed", str(seed), "--strategy", strategy, "--length", "50", "--timeout", "30")
    return run(folder, str(HERE / f"{program}.py"), options=options)


@pytest.mark.parametrize("strategy", _core.STRATEGIES)
def test_threads_without_an_object(tmp_path: Path, strategy: str) -> None:
    for seed in SEEDS:
        done = controlled(tmp_path, "raw_threads", seed, strategy)
        assert (done.status, done.stdout) == (0, "interrupted\nend\n"), done.stderr
        assert done.trace.header["control"]["uncontrolled"] == 0


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ("not_started", "can't start new thread\ncan't start new thread\nstarted\n"),
        ("starts_in_finalizer", "39\n"),
    ],
)
def test_starts_that_fail_and_starts_within_starts(
    tmp_path: Path, program: str, output: str
) -> None:
    for seed in SEEDS:
        done = controlled(tmp_path, program, seed)
        assert (done.status, done.stdout) == (0, output), done.stderr


def test_who_is_just_coming_back_is_waited_for(tmp_path: Path) -> None:
    for seed in SEEDS:
        done = controlled(tmp_path, "comes_back", seed)
        assert (done.status, done.stdout) == (0, "30\n"), done.stderr
