"""Programs that hang, each in its own way, are told as what they are: who waits for what, and who
could have ended it. Right ones that are stopped while they wait, or that end, are not."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import PROGRAMS, TRACE, environment, invoke

import tracer
from tracer.analysis import Verdict

HANGS = PROGRAMS / "hangs"
NO_HANGS = PROGRAMS / "no_hangs"
AT_ONCE = 8
LIMIT = "3"  # s; in this time each program has begun to wait, even on a machine that is busy

# What the explanation says, and a word of the advice.
TOLD: dict[str, tuple[list[str], str]] = {
    "barrier_one_short": (["party0 and party1 wait for meeting", "have come to"], "parties"),
    "condition_missed": (["notified changed last at condition_missed.py:18, before"], "notify_all"),
    "condition_one_notified": (["bob waits for", "one_notified.py:27"], "notify_all"),
    "coroutine_blocks_loop": (["an item from items", "Nobody has put"], "event loop"),
    "coroutine_waits_threadsafe": (["waits for the result of"], "event loop"),
    "event_missed": (["late waits for bell", "cleared it after that"], "clear()"),
    "event_never_set": (["Nobody has set ready in this run."], "every path"),
    "event_setter_raised": (["Nobody has set ready", "loader had died of ValueError"], "finally"),
    "executor_shutdown": (["waits for done", "Nobody has set done"], "every path"),
    "future_inside_pool": (["The task inner,", "was not begun"], "same pool"),
    "future_never_done": (["waits for the first of several futures"], "timeout"),
    "future_result_never": (["Nobody has set a result of"], "same pool"),
    "join_each_other": (["the end of left", "the end of right"], "the end of one that waits"),
    "joinable_queue": (["1 item was put into jobs", "never called", "it has ended"], "task_done()"),
    "lock_of_the_dead": (["careless holds guard", "has died of ValueError"], "with guard:"),
    "lock_twice": (["outer waits for guard", "(taken at lock_twice.py:9)"], "RLock"),
    "locks_in_a_ring": (["phil0 waits", "phil1 waits", "phil2 waits"], "same order"),
    "process_barrier": (["wait for meeting", "more must"], "parties"),
    "process_event_never": (["Nobody has set ready", "had died of ValueError"], "every path"),
    "process_executor": (["The task task", "Nobody has set go"], "every path"),
    "process_forked_holding": (["The fork copied", "it held that itself"], "spawn or forkserver"),
    "process_get_never": (["consumer/MainThread waits for an item"], "one None for each"),
    "process_join_full_queue": (
        ["has put 64 items into results, of which 0"],
        "Take the items out",
    ),
    "process_lock_forked": (["background held it at process_lock_forked.py:11"], "spawn"),
    "process_lock_of_the_dead": (["worker/MainThread holds guard", "exit status 1"], "with guard:"),
    "process_pipe": (["a message on ours", "a message on theirs"], "one end send first"),
    "process_pool_forked": (["background held it at process_pool_forked.py:11"], "forkserver"),
    "process_pool_not_closed": (["ForkPoolWorker-1/MainThread", "Nobody has set"], "every path"),
    "process_pool_worker_dies": (["The task die", "exit status 3"], "BrokenProcessPool"),
    "queue_full": (["waits for room in items", "took the last item", "has ended"], "queue.Full"),
    "queue_join_without_done": (
        ["4 items were put", "took 4", "task_done() was called 3 times"],
        "task_done()",
    ),
    "queue_no_sentinel": (["waits for an item from items", "put the last item"], "None for each"),
    "queue_worker_raised": (["worker took 2", "died of ZeroDivisionError"], "finally"),
    "rlock_not_released": (["greedy holds guard", "has ended"], "with guard:"),
    "semaphore_kept": (["job0 did not release slots", "died of ZeroDivisionError"], "with slots:"),
    "simple_queue": (["Nobody has put anything into answers"], "each consumer"),
    "thread_pool_map": (["begun by", "and they wait too", "more must"], "parties"),
}


def record(folder: Path, programs: list[Path], *options: str) -> dict[str, tracer.Trace]:
    """The trace of each program, several at a time: most of the time they wait."""
    traces: dict[str, tracer.Trace] = {}
    for start in range(0, len(programs), AT_ONCE):
        runs = [
            (
                program,
                subprocess.Popen(
                    [*TRACE, "run", "-o", f"{program.stem}.msgpack", *options, str(program)],
                    cwd=folder,
                    env=environment(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                ),
            )
            for program in programs[start : start + AT_ONCE]
        ]
        for program, run in runs:
            run.wait(timeout=120)
            traces[program.stem] = tracer.load(folder / f"{program.stem}.msgpack")
    return traces


def told(name: str, verdict: Verdict) -> None:
    """The one finding of the program that hangs is what is expected of it."""
    found = [one for one in verdict.findings if one.kind == "deadlock"]
    assert len(found) == 1, name
    (hang,) = found
    words, advice = TOLD[name]
    assert hang.status == "observed", name
    assert hang.rule == ("circle" if hang.explanation.startswith("Dead") else "hang")
    for word in words:
        assert word in hang.explanation, name
    assert advice in hang.advice, name


def test_every_program_is_told_of() -> None:
    assert sorted(TOLD) == sorted(file.stem for file in HANGS.glob("*.py"))


@pytest.fixture(scope="module")
def controlled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tracer.Trace]:
    programs = sorted(HANGS.glob("*.py"))
    return record(tmp_path_factory.mktemp("seed"), programs, "--seed", "0")


@pytest.mark.parametrize("name", TOLD)
def test_under_control(controlled: dict[str, tracer.Trace], name: str) -> None:
    verdict = controlled[name].verdict()
    told(name, verdict)
    assert not {"timeout", "interrupted"} & {reason.kind for reason in verdict.reasons}


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tracer.Trace]:
    programs = sorted(HANGS.glob("*.py"))
    return record(tmp_path_factory.mktemp("free"), programs, "--timeout", LIMIT)


@pytest.mark.parametrize("name", TOLD)
def test_in_a_free_run_that_is_stopped(stopped: dict[str, tracer.Trace], name: str) -> None:
    verdict = stopped[name].verdict()
    told(name, verdict)
    assert "timeout" in {reason.kind for reason in verdict.reasons}


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tracer.Trace]:
    programs = sorted(NO_HANGS.glob("stopped_*.py"))
    return record(tmp_path_factory.mktemp("working"), programs, "--timeout", "2")


@pytest.mark.parametrize("name", sorted(file.stem for file in NO_HANGS.glob("stopped_*.py")))
def test_stopped_while_somebody_works(working: dict[str, tracer.Trace], name: str) -> None:
    verdict = working[name].verdict()
    assert [one.explanation for one in verdict.findings] == []
    assert [reason.kind for reason in verdict.reasons] == ["timeout"]
    assert verdict.exit_code == 3


@pytest.mark.parametrize("options", [(), ("--seed", "1")], ids=["free", "seed"])
def test_programs_that_end_are_clean(tmp_path: Path, options: tuple[str, ...]) -> None:
    programs = sorted(NO_HANGS.glob("ends_*.py"))
    verdicts = {
        name: trace.verdict() for name, trace in record(tmp_path, programs, *options).items()
    }
    assert {name: verdict.word for name, verdict in verdicts.items()} == dict.fromkeys(
        (program.stem for program in programs), "clean"
    )


def interrupt(run: subprocess.Popen[str]) -> None:
    os.killpg(run.pid, signal.SIGINT)


def end_supervisor(run: subprocess.Popen[str]) -> None:
    run.send_signal(signal.SIGTERM)


def kill_program(run: subprocess.Popen[str]) -> None:
    os.kill(child_of(run.pid), signal.SIGKILL)


def interrupt_program(run: subprocess.Popen[str]) -> None:
    os.kill(child_of(run.pid), signal.SIGINT)


def child_of(pid: int) -> int:
    """The process that the supervisor runs the program in."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    named = {Path(f"/proc/{child}/cmdline").read_bytes(): int(child) for child in children}
    return next(
        child for line, child in named.items() if b"waits.py" in line and b"run" not in line
    )


def sleeps_on(pid: int, seconds: float) -> None:
    """Returns when the process's only thread has slept so long without having been awake."""
    began, seen = 0.0, ""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        status = Path(f"/proc/{pid}/status").read_text()
        now = time.monotonic()
        # How often it has been awake; other lines tell of all that the user runs.
        switches = "".join(line for line in status.splitlines(True) if "ctxt_switches" in line)
        if switches != seen or "State:\tS" not in status:
            began, seen = now, switches
        elif now - began > seconds:
            return
        time.sleep(0.01)
    raise TimeoutError(seen)


WAITS = """
import threading
ready = threading.Event()
print("waits", flush=True)
ready.wait()
"""


@pytest.mark.parametrize(
    ("stop", "kind"),
    [
        (interrupt, "interrupted"),
        (end_supervisor, "interrupted"),
        (kill_program, "killed"),
        (interrupt_program, "killed"),
    ],
)
def test_stopped_by_a_signal(
    tmp_path: Path, stop: Callable[[subprocess.Popen[str]], None], kind: str
) -> None:
    (tmp_path / "waits.py").write_text(WAITS)
    run = subprocess.Popen(
        [*TRACE, "run", "-o", "t.msgpack", "waits.py"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "waits\n"
    # Who has waited for less than 0.2 s is not taken to wait forever.
    sleeps_on(child_of(run.pid), 0.5)
    stop(run)
    errors = run.communicate(timeout=60)[1]
    verdict = tracer.load(tmp_path / "t.msgpack").verdict()
    assert "Hang on ready (observed) at waits.py:5" in errors
    assert ("stopped by" in errors) == (kind == "interrupted")
    assert kind in [reason.kind for reason in verdict.reasons]
    (hang,) = verdict.findings
    assert "Nobody has set ready" in hang.explanation


def test_the_summary_says_how_to_see_more(tmp_path: Path) -> None:
    (tmp_path / "waits.py").write_text(WAITS)
    done = invoke(tmp_path, "run", "-o", "t.msgpack", "--timeout", LIMIT, "waits.py")
    assert done.returncode == 124
    said = [line for line in done.stderr.splitlines() if line.startswith("trace: ")]
    assert (
        f"trace: stopped by --timeout after {LIMIT} s; if it hung, --seed 0 shows that at once"
        in said
    )
    checked = invoke(tmp_path, "check", "t.msgpack")
    assert checked.returncode == 1
    assert "1. Hang on ready (observed)" in checked.stdout
    assert "not clean: the run was ended by --timeout" in checked.stdout
