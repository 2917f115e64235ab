"""`trace replay --until`: stopping before an event, and the debugger there, at a real terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import TRACE, Recorded, environment, invoke, run

from tracer.ops import Op
from tracer.trace import load

pytestmark = pytest.mark.one_version

PROGRAM = """\
import sys, threading

num, barrier = 3, threading.Barrier(3)
name = sys.stdin.readline().strip()


def take():
    global num
    taken = num
    barrier.wait()
    num = taken - 1


threads = [threading.Thread(target=take) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(name, num)
"""


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    (tmp_path / "lost.py").write_text(PROGRAM)
    done = run(tmp_path, "lost.py", stdin="left\n")
    assert done.stdout == "left 2\n"
    return done


def until(recorded: Recorded, *options: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return invoke(recorded.file.parent, "replay", recorded.file, *options, stdin=stdin)


class Terminal:
    """The command at a terminal of its own, whose prompts are answered."""

    def __init__(self, *arguments: str) -> None:
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.execvpe(TRACE[0], [*TRACE, *arguments], environment())

    def read(self, end: bytes = b"(trace) ") -> str:
        data = b""
        while not data.endswith(end):
            try:
                piece = os.read(self.terminal, 1024)
            except OSError:  # the other side has gone
                break
            if not piece:
                break
            data += piece
        return data.decode().replace("\r\n", "\n")

    def ask(self, command: str) -> str:
        os.write(self.terminal, f"{command}\n".encode())
        return self.read()

    def end(self) -> int:
        os.write(self.terminal, b"quit\n")
        self.read(b"never")
        _, status = os.waitpid(self.child, 0)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(status)


def writes(recorded: Recorded) -> list[int]:
    events = recorded.trace.events.filter(location="num", op="write")
    return [event.seq for event in events if event.thread.path != "main"]


def test_where_the_threads_stand(recorded: Recorded) -> None:
    seq = writes(recorded)[1]
    done = until(recorded, "--until", str(seq))
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first.startswith(f"stopped before event {seq}: Thread-")
    assert first.endswith("write num ← 2")
    assert "1  MainThread  next " in lines[0]
    assert any("lost.py:11 in take" in line for line in lines)
    assert "       num = taken - 1" in lines
    assert any(line.endswith(" in <module>") for line in lines)
    assert "left" not in done.stdout


def test_the_event_of_a_finding(recorded: Recorded) -> None:
    (finding,) = recorded.trace.findings()
    for options in (("--until", "finding:1"), ("--from-finding", "1")):
        done = until(recorded, *options)
        assert done.stdout.startswith(f"stopped before event {finding.events[-1]}: ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--until", "999999"), "has no event 999999"),
        (("--until", "x"), "takes a sequence number or finding:N"),
        (("--until", "finding:2"), "no finding:2"),
        (("--pdb",), "give --until or --from-finding"),
        (("--until", "3", "--times", "2"), "goes with --pdb, not --times"),
    ],
)
def test_what_cannot_be_stopped_at(recorded: Recorded, options, message) -> None:
    done = until(recorded, *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_every_event_can_be_stopped_before(recorded: Recorded) -> None:
    events = recorded.trace.events
    for index, event in enumerate(events):
        done = until(recorded, "--until", str(event.seq))
        assert done.returncode == 0, done.stderr
        # A part of a print may stand before it.
        stopped = done.stdout[done.stdout.index("stopped before") :].splitlines()[0]
        # The main thread has begun before anything can stop it.
        shown = events[index + 1] if index == 0 else event
        assert stopped.startswith(f"stopped before event {shown.seq}: {shown.thread.name} ")
        assert stopped.endswith("before it)") == (index == 0)


def test_the_debugger_at_a_terminal(recorded: Recorded) -> None:
    seq = writes(recorded)[1]
    session = Terminal("replay", str(recorded.file), "--until", str(seq), "--pdb")
    begins = session.read()
    assert f"trace: stopped before event {seq}: Thread-" in begins
    assert "lost.py(11)take()\n-> num = taken - 1" in begins
    assert "\n3\n" in session.ask("p taken")
    assert "\n2\n" in session.ask("p num")
    assert "'left'" in session.ask("p name")
    threads = session.ask("threads")
    assert threads.count("lost.py:") >= 2
    assert "1  MainThread  next " in threads
    assert "<module>()" in session.ask("thread 1")
    where = session.ask("where")
    assert "<module>()" in where
    assert "threading.py" not in where
    assert "no such thread" in session.ask("thread 9")
    assert "no event 0" in session.ask("goto 0")
    back = session.ask("back")
    assert f"stopped before event {seq - 1}:" in back
    assert "-> num = taken - 1" in session.ask(f"goto {seq}")
    assert "stopped before event 4:" in session.ask("goto 4")
    assert session.end() == 0


def test_stepping_and_going_on(recorded: Recorded) -> None:
    seq = writes(recorded)[0]
    session = Terminal("replay", str(recorded.file), "--until", str(seq), "--pdb")
    session.read()
    stepped = session.ask("next")
    assert "--Return--" in stepped
    assert "\n2\n" in session.ask("p num")
    os.write(session.terminal, b"continue\n")
    rest = session.read(b"never")
    assert "left 2" in rest
    _, status = os.waitpid(session.child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_commands_from_a_file(recorded: Recorded) -> None:
    seq = writes(recorded)[0]
    done = until(recorded, "--until", str(seq), "--pdb", stdin="p num\nback\np taken\n")
    assert done.returncode == 0
    assert "(trace) 3\n" in done.stderr
    assert f"stopped before event {seq - 1}" in done.stderr
    assert done.stdout == ""


def test_a_part_that_the_program_records_stops_too(tmp_path: Path) -> None:
    block = "import tracer\nfrom lost import take, threading\n"
    block += "with tracer.record('part.msgpack'):\n"
    block += "    threads = [threading.Thread(target=take) for _ in range(3)]\n"
    block += "    [t.start() for t in threads], [t.join() for t in threads]\n"
    (tmp_path / "lost.py").write_text(PROGRAM.partition("threads =")[0])
    (tmp_path / "parts.py").write_text(block)
    subprocess.run(
        [sys.executable, "parts.py"], cwd=tmp_path, env=environment(), input="left\n", text=True
    ).check_returncode()
    part = tmp_path / "part.msgpack"
    write = next(event for event in load(part).events if event.op is Op.WRITE)
    done = invoke(tmp_path, "replay", part, "--trust", "--until", str(write.seq))
    assert f"stopped before event {write.seq}: {write.thread.name} write lost.num" in done.stdout
    assert done.stderr.count("Traceback") == 0
