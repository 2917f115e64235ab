"""Programs under control: `trace run --seed N --strategy S`."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import OF_THREADS, PROGRAMS, TUTORIAL, Recorded, assert_same_traces, plain, run

from tracer import _core

HERE = PROGRAMS / "control"
STRATEGIES = _core.control.STRATEGIES


def controlled(folder: Path, program: Path, seed: int = 1, strategy: str = "random") -> Recorded:
    """The program's run under control."""
    options = ("--seed", str(seed), "--strategy", strategy)
    if strategy == "pct":
        options += ("--length", "25")
    return run(folder, str(program), options=options)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("program", [*OF_THREADS, "hand_over"])
def test_the_same_seed_gives_the_same_trace(tmp_path: Path, program: str, strategy: str) -> None:
    # Not among the traces: what is in its folder is looked at by what it imports.
    file = tmp_path / "program" / "program.py"
    file.parent.mkdir()
    # The traffic light goes on forever.
    source = ((HERE if program == "hand_over" else TUTORIAL) / f"{program}.py").read_text()
    file.write_text(source.replace("while True:\n    time.sleep(1)", "time.sleep(2)"))
    controlled(tmp_path, file, 5, strategy)  # compiles what it imports, if that has not been yet
    assert_same_traces(lambda: controlled(tmp_path, file, 5, strategy), 2)


def test_time_and_randomness_are_the_same_in_every_run(tmp_path: Path) -> None:
    runs = [controlled(tmp_path, HERE / "outside.py", 3) for _ in range(2)]
    assert runs[0].status == 0, runs[0].stderr
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.endswith("2026-01-02\n")
    assert controlled(tmp_path, HERE / "outside.py", 4).stdout != runs[0].stdout


def test_names_that_an_earlier_run_has_taken_are_passed_over(tmp_path: Path) -> None:
    # 3.14 tries twenty names, which are the same in each run under a seed.
    program = tmp_path / "leaves.py"
    program.write_text(
        "import tempfile\n"
        "for _ in range(21):\n"
        f"    tempfile.mkdtemp(dir={str(tmp_path)!r})\n"
        f"    tempfile.mkstemp(dir={str(tmp_path)!r})\n"
    )
    for run_before in range(2):
        done = controlled(tmp_path, program)
        assert done.status == 0, done.stderr
        assert len([*tmp_path.glob("tmp*")]) == 42 * (run_before + 1)


def test_other_seeds_give_other_interleavings(tmp_path: Path) -> None:
    results, orders = set(), set()
    for seed in range(8):
        done = controlled(tmp_path, HERE / "increments.py", seed)
        results.add(done.stdout)
        orders.add(tuple(event.thread.path for event in done.trace.events))
    assert len(results) > 1
    assert len(orders) > 4


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_lost_update_happens_without_any_sleep(tmp_path: Path, strategy: str) -> None:
    def lost(seed: int) -> bool:
        done = controlled(tmp_path, HERE / "increments.py", seed, strategy)
        found = [(finding.kind, finding.status) for finding in done.trace.findings()]
        assert ("lost-update", "observed") in found or done.stdout == "6\n"
        return done.stdout != "6\n"

    assert any(lost(seed) for seed in range(40))


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    "name", sorted({*OF_THREADS} - {"decrement", "decrement_in_steps", "traffic_light"})
)
def test_the_program_does_what_it_always_does(tmp_path: Path, name: str, strategy: str) -> None:
    program = TUTORIAL / f"{name}.py"
    expected = plain(tmp_path, str(program))
    for seed in (1, 2):
        done = controlled(tmp_path, program, seed, strategy)
        assert done.status == expected.returncode, done.stderr
        # Threads may interleave within a line.
        assert sorted(done.stdout) == sorted(expected.stdout)
        assert done.program_stderr == expected.stderr


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_primitive_hands_over(tmp_path: Path, strategy: str) -> None:
    done = controlled(tmp_path, HERE / "hand_over.py", 1, strategy)
    assert done.stdout == "2470\nTrue\n", done.stderr
    assert done.trace.header["control"]["uncontrolled"] == 0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_loop_that_spins_lets_the_others_go_on(tmp_path: Path, strategy: str) -> None:
    done = controlled(tmp_path, HERE / "spins.py", 1, strategy)
    assert (done.status, done.stdout) == (0, "done\n"), done.stderr


DEADLOCKS = {
    "locks": ("Thread-1 (one) waits for second", [10, 17]),
    "twice": ("MainThread waits for lock at twice.py:6 holding lock", [6]),
    "joins": ("waits for the end of Thread-2 (work) at joins.py:9", [9]),
    "never_set": ("MainThread waits for event", [5]),
}


@pytest.mark.parametrize("program", DEADLOCKS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_deadlock_is_reported_at_once(tmp_path: Path, program: str, strategy: str) -> None:
    done = controlled(tmp_path, HERE / f"{program}.py", 1, strategy)
    assert done.status == 1
    explanation, lines = DEADLOCKS[program]
    (found,) = (item for item in done.trace.findings() if item.kind == "deadlock")
    assert found.status == "observed"
    assert explanation in found.explanation
    assert set(lines) <= {site.line for site in found.sites}
    title = "Hang on event" if program == "never_set" else "Deadlock"
    assert f"{title} (observed)" in done.stderr
    # What the program had written before is there.
    assert done.stdout == {"locks": "begins\n", "twice": "once\n"}.get(program, "")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_interrupt_reaches_a_main_thread_that_waits(tmp_path: Path, strategy: str) -> None:
    done = controlled(tmp_path, HERE / "interrupted.py", 1, strategy)
    assert (done.status, done.stdout) == (0, "interrupted\n"), done.stderr


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_process_may_exit_while_threads_wait(tmp_path: Path, strategy: str) -> None:
    done = controlled(tmp_path, HERE / "exits.py", 1, strategy)
    assert (done.status, done.stdout) == (7, "bye\n")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_fork_under_control(tmp_path: Path, strategy: str) -> None:
    done = controlled(tmp_path, HERE / "fork.py", 1, strategy)
    assert (done.status, done.stdout) == (0, "child\n3\n"), done.stderr


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_process_that_forks_has_no_thread_of_ours(tmp_path: Path, strategy: str) -> None:
    """Python 3.12 warns of forks in processes that have several."""
    (tmp_path / "program.py").write_text("""
import os
for _ in range(5):
    child = os.fork()
    if child == 0:
        os._exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
""")
    done = controlled(tmp_path, tmp_path / "program.py", 1, strategy)
    assert (done.status, done.stdout) == (0, 5 * "0\n"), done.stderr
    assert done.program_stderr == ""
