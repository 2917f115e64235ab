"""Threads of every making under control: none is taken for dead, and none waits for one that is not
there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import PROGRAMS, Recorded, assert_same_traces, run
from test_replay_processes import replays

from tracer import _core

HERE = PROGRAMS / "control"
SEEDS = range(4)


def controlled(
    folder: Path,
    program: str,
    seed: int,
    strategy: str = "random",
    arguments: tuple[str, ...] = (),
) -> Recorded:
    """The program's run under control, ended after a while if it hangs."""
    options = ("--seed", str(seed), "--strategy", strategy, "--timeout", "30")
    if strategy == "pct":
        options += ("--length", "50")
    return run(folder, str(HERE / f"{program}.py"), *arguments, options=options)


@pytest.mark.parametrize("strategy", _core.control.STRATEGIES)
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
        assert "NOT FULLY CONTROLLED" in done.stderr


WAYS = ["thread", "slow", "alarm", "child", "signal"]


@pytest.mark.parametrize("way", WAYS)
def test_a_run_goes_on_while_somebody_may_come(tmp_path: Path, way: str) -> None:
    for seed in range(2):
        done = controlled(tmp_path, "comers", seed, arguments=(way,))
        assert (done.status, done.stdout) == (0, "come\n"), done.stderr


def test_it_ends_when_nobody_may(tmp_path: Path) -> None:
    done = controlled(tmp_path, "comers", 1, arguments=("nobody",))
    assert (done.status, done.stdout) == (1, ""), done.stderr
    assert "Hang on come (observed)" in done.stderr


def test_a_fork_leaves_the_thread_that_forked(tmp_path: Path) -> None:
    program = str(HERE / "forks_main.py")
    untraced = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True, timeout=60
    )
    for seed in SEEDS:
        done = controlled(tmp_path, "forks_main", seed)
        assert (done.status, done.stdout) == (0, untraced.stdout), done.stderr


@pytest.mark.skipif(sys.version_info < (3, 12), reason="CPython warns from 3.12")
def test_the_warning_of_a_fork_tells_the_known_pid(tmp_path: Path) -> None:
    def once() -> Recorded:
        done = controlled(tmp_path, "fork_warning", 1)
        assert done.status == 0, done.stderr
        return done

    assert_same_traces(once, 2)
    replays(tmp_path, 2, str(HERE / "fork_warning.py"))
