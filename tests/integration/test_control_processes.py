"""Programs of several processes under control: one thread of all of them runs at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import PROGRAMS, TUTORIAL, Recorded, assert_same_traces, plain, run

pytestmark = pytest.mark.one_version

METHODS = ["fork", "spawn", "forkserver"]
HERE = PROGRAMS / "control"


def controlled(folder: Path, name: str, *arguments: str, seed: int = 1) -> Recorded:
    done = run(folder, str(HERE / f"{name}.py"), *arguments, options=("--seed", str(seed)))
    assert done.program_stderr == ""
    return done


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_trace(tmp_path: Path, method: str) -> None:
    runs = [controlled(tmp_path, "shared_value", method, seed=5) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert_same_traces(lambda: controlled(tmp_path, "shared_value", method), 4)


def test_processes_interleave_as_the_seed_says(tmp_path: Path) -> None:
    results = {controlled(tmp_path, "shared_value", "fork", seed=seed).stdout for seed in range(8)}
    assert len(results) > 2
    done = controlled(tmp_path, "shared_value", "fork")
    kinds = {(found.kind, found.status) for found in done.trace.findings()}
    assert ("lost-update", "observed") in kinds
    assert done.trace.header["control"]["uncontrolled"] == 0


@pytest.mark.parametrize("method", METHODS)
def test_a_lock_keeps_processes_apart(tmp_path: Path, method: str) -> None:
    for seed in range(4):
        done = controlled(tmp_path, "locked_value", method, seed=seed)
        assert (done.status, done.stdout) == (0, "30\n")
        assert done.trace.findings() == []
        assert done.trace.header["control"]["uncontrolled"] == 0


ENDS = {"killed": -9, "exits": 3, "crashes": -11, "raises": 4, "returns": 0}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("end", ENDS)
def test_the_holder_of_the_baton_dies(tmp_path: Path, method: str, end: str) -> None:
    for seed in range(3):
        done = controlled(tmp_path, "dies", method, end, seed=seed)
        assert (done.status, done.stdout) == (0, f"[{ENDS[end]}, 0]\n"), done.stderr


@pytest.mark.parametrize("method", METHODS)
def test_a_process_that_waits_is_killed_by_another(tmp_path: Path, method: str) -> None:
    def once() -> Recorded:
        done = controlled(tmp_path, "terminated", method)
        assert (done.status, done.stdout) == (0, "[-15, -9]\n"), done.stderr
        return done

    assert_same_traces(once, 3)


def test_processes_that_wait_for_each_other_are_a_deadlock(tmp_path: Path) -> None:
    done = controlled(tmp_path, "processes_locks", seed=1)
    assert done.status == 1
    (found,) = (item for item in done.trace.findings() if item.kind == "deadlock")
    assert found.status == "observed"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["processes", "process_queue", "process_pipe", "pool_calls"])
def test_pipes_queues_and_pools_are_under_control(tmp_path: Path, name: str, method: str) -> None:
    program = str(TUTORIAL / f"{name}.py")
    expected = plain(tmp_path, program, method).stdout

    def once() -> Recorded:
        done = run(tmp_path, program, method, options=("--seed", "3"))
        assert (done.status, done.stdout) == (0, expected), done.stderr
        assert done.trace.header["control"]["uncontrolled"] == 0
        return done

    assert_same_traces(once, 2)


def test_a_wait_for_a_pipe_that_nobody_will_write_to_is_a_deadlock(tmp_path: Path) -> None:
    done = controlled(tmp_path, "never_sent")
    assert (done.status, done.stdout) == (1, "")
    assert any(found.kind == "deadlock" for found in done.trace.findings())


def test_more_than_a_pipe_takes(tmp_path: Path) -> None:
    done = controlled(tmp_path, "large_messages")
    assert (done.status, done.stdout) == (0, "[1000000, 1000000]\n"), done.stderr
    assert done.trace.header["control"]["uncontrolled"] == 0
