"""What threads send each other through pipes and sockets, under control."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import PROGRAMS, Recorded, assert_same_traces, run

PROGRAM = PROGRAMS / "control" / "descriptors.py"
SOCKETS = ["recv", "recv_into", "recvfrom", "recvmsg", "file", "timeout", "large"]
WAYS = [*SOCKETS, "select", "poll", "epoll", "asyncio", "pipe"]


def controlled(folder: Path, way: str, seed: int) -> Recorded:
    """The program's run under control, ended after a while if it hangs."""
    return run(folder, str(PROGRAM), way, options=("--seed", str(seed), "--timeout", "30"))


@pytest.mark.parametrize("way", WAYS)
def test_the_runs_own_descriptors_are_under_control(tmp_path: Path, way: str) -> None:
    for seed in range(2):
        done = controlled(tmp_path, way, seed)
        assert done.status == 0, done.stderr
        # Who waits for a time may find the message in time, or not.
        assert done.stdout.replace("timed out\n", "") == "4\n"
        assert done.trace.header["control"]["uncontrolled"] == 0


@pytest.mark.parametrize("way", ["recv", "timeout", "epoll", "asyncio"])
def test_the_same_seed_gives_the_same_trace(tmp_path: Path, way: str) -> None:
    controlled(tmp_path, way, 5)  # compiles what it imports, if that has not been yet
    assert_same_traces(lambda: controlled(tmp_path, way, 5), 3)


def test_a_thread_that_waits_for_what_nobody_sends_is_in_a_deadlock(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("""
import socket, threading
here, there = socket.socketpair()
thread = threading.Thread(target=there.recv, args=(1,))
thread.start()
thread.join()
""")
    done = run(tmp_path, "program.py", options=("--seed", "1", "--timeout", "30"))
    assert done.status == 1
    assert "Hang on " in done.stderr


def test_what_a_started_program_has_left_running_may_still_write(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("""
import os, subprocess
program = subprocess.Popen(["sh", "-c", "(sleep 0.2; echo late) & :"], stdout=subprocess.PIPE)
print(program.wait())
print(os.read(program.stdout.fileno(), 100), program.stdout.read())
""")
    done = run(tmp_path, "program.py", options=("--seed", "1", "--timeout", "30"))
    assert (done.status, done.stdout) == (0, "0\nb'late\\n' b''\n"), done.stderr


def test_a_wait_in_the_kernel_takes_virtual_time(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("""
import subprocess
program = subprocess.Popen(["sleep", "100"], stdout=subprocess.PIPE)
try:
    program.communicate(timeout=0.05)
except subprocess.TimeoutExpired:
    print("late")
program.kill()
program.wait()
""")
    done = run(tmp_path, "program.py", options=("--seed", "1", "--timeout", "30"))
    assert (done.status, done.stdout) == (0, "late\n")
