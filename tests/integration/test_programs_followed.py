"""`trace run --follow-subprocess`: the Python programs that a program starts, or becomes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import TUTORIAL, Recorded, plain, run
from test_faithfulness import FAITHFUL, FLAGS, STDIN, WAYS, assert_same, programs

import tracer
from tracer import Op, Outcome

pytestmark = pytest.mark.one_version

__all__ = ["programs"]

FOLLOW = ("--follow-subprocess",)
CHILD = """
import sys, threading
count = 0
def work():
    global count
    count += 1
thread = threading.Thread(target=work)
thread.start()
thread.join()
print("child", sys.argv, count, flush=True)
sys.exit(7)
"""
START = "import asyncio, os, subprocess, sys, time\nARGS = [sys.executable, 'child.py', 'a b']\n"


def recorded(folder: Path, source: str, options: tuple[str, ...] = FOLLOW) -> Recorded:
    """The program's run, after it was compared with that under plain python."""
    (folder / "child.py").write_text(CHILD)
    (folder / "p.py").write_text(START + source)
    done = run(folder, "p.py", options=options)
    expected = plain(folder, "p.py")
    assert done.stdout == expected.stdout
    assert done.program_stderr == expected.stderr
    assert done.status == expected.returncode
    return done


def ends(trace: tracer.Trace) -> list[tuple[str, str, int | None]]:
    return [(p.path, p.start_method, p.exit_status) for p in trace.processes]


STARTS = {
    "wait": "p = subprocess.Popen(ARGS)\nprint(p.wait(), p.args == ARGS)",
    "wait with a timeout": "print(subprocess.Popen(ARGS).wait(30))",
    "communicate": "print(subprocess.Popen(ARGS, stdout=subprocess.PIPE).communicate())",
    "poll": "p = subprocess.Popen(ARGS)\nwhile p.poll() is None: time.sleep(0.01)",
    "run": "print(subprocess.run(ARGS, stdin=subprocess.DEVNULL, capture_output=True))",
    "a new session": "print(subprocess.run(ARGS, start_new_session=True, umask=0o77).returncode)",
    "before its exec": "print(subprocess.run(ARGS, preexec_fn=lambda: print('x', flush=True)))",
    "another name": "print(subprocess.run(['py', *ARGS[1:]], executable=sys.executable))",
    "no environment": "print(subprocess.run(ARGS, env={}).returncode)",
    "by fork_exec or posix_spawn": "print(subprocess.run(ARGS, close_fds=False).returncode)",
    "bytes": "print(subprocess.run([os.fsencode(word) for word in ARGS]).returncode)",
    "posix_spawn": "print(os.waitpid(os.posix_spawn(ARGS[0], ARGS, os.environ), 0)[1])",
    "posix_spawnp": "print(os.waitpid(os.posix_spawnp(ARGS[0], ARGS, {}), 0)[1])",
    "asyncio": """
async def main():
    child = await asyncio.create_subprocess_exec(*ARGS, stdout=asyncio.subprocess.PIPE)
    print(await child.communicate(), child.returncode)
asyncio.run(main())
""",
}


@pytest.mark.parametrize("how", STARTS)
def test_a_program_is_started_and_waited_for(tmp_path: Path, how: str) -> None:
    trace = recorded(tmp_path, STARTS[how]).trace
    assert ends(trace) == [("main", "", 0), ("main/p1", "subprocess", 7)]
    main, child = trace.processes
    assert (child.parent, child.name) == (main, "child.py")
    own = [e for e in trace.events if e.object is not None and e.object.thread is not None]
    own = [e for e in own if e.object.thread.path == "main/p1" and e.op is not Op.REQUEST]  # type: ignore[union-attr]
    assert [e.op for e in own] == [Op.START, Op.BEGIN, Op.END, Op.JOIN]
    start, _, _, join = own
    assert join.value == 7
    of_child = [e for e in trace.events if e.thread.process is child]
    assert all(trace.happens_before(start, e) and trace.happens_before(e, join) for e in of_child)
    writes = [e for e in of_child if e.op is Op.WRITE and str(e.target).endswith("count")]
    assert [e.value for e in writes] == [0, 1]


BECOMES = {
    "execv": "os.execv(sys.executable, ARGS)",
    "execve": "os.execve(sys.executable, ARGS, env={**os.environ, 'NEW': '1'})",
    "execl": "os.execl(sys.executable, *ARGS)",
    "execvpe": "os.execvpe(os.path.basename(ARGS[0]), ARGS, dict(PATH=os.path.dirname(ARGS[0])))",
}


@pytest.mark.parametrize("how", BECOMES)
def test_a_process_becomes_another_program(tmp_path: Path, how: str) -> None:
    trace = recorded(tmp_path, BECOMES[how]).trace
    assert ends(trace) == [("main", "", 7), ("main/p1", "exec", 7)]
    assert trace.processes[0].pid == trace.processes[1].pid
    start = next(trace.events.filter(op=Op.START))
    rest = [e for e in trace.events if e.thread.process is trace.processes[1]]
    assert all(trace.happens_before(start, event) for event in rest)


SPAWNED = {
    "spawnv": "print(os.spawnv(os.P_WAIT, ARGS[0], ARGS))",
    "spawnlpe": "print(os.waitpid(os.spawnlpe(os.P_NOWAIT, *ARGS[:1], *ARGS, {}), 0)[1])",
    "fork": """
pid = os.fork()
if pid == 0:
    os.execv(sys.executable, ARGS)
print(os.waitpid(pid, 0)[1])
""",
}


@pytest.mark.parametrize("how", SPAWNED)
def test_a_forked_process_becomes_a_program(tmp_path: Path, how: str) -> None:
    trace = recorded(tmp_path, SPAWNED[how]).trace
    assert ends(trace) == [("main", "", 0), ("main/p1", "fork", 7), ("main/p1/p1", "exec", 7)]
    join = next(e for e in trace.events.filter(op=Op.JOIN) if e.thread.path == "main")
    assert all(
        trace.happens_before(e, join) for e in trace.events if e.thread.path.startswith("main/p1")
    )


@pytest.mark.parametrize("program", sorted(path.stem for path in FAITHFUL.glob("*.py")))
def test_the_program_sees_no_difference(tmp_path: Path, program: str) -> None:
    followed(tmp_path, [str(FAITHFUL / f"{program}.py"), "--flag", "an argument"])


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_run(programs: Path, way: str) -> None:
    followed(programs, WAYS[way])


COMMANDS = {
    "glued": ["-Sc" + "import sys; print(sys.argv, sys.orig_argv, sys.path, sys.flags)", "-c", "x"],
    "glued module": ["-Esmsingle", "-m", "x"],
    "two dashes": ["-E", "--", "single.py", "--", "x"],
    "no site": ["-S", "single.py"],
    "isolated": ["-I", "single.py"],
    "no environment": ["-E", "-X", "dev", "single.py"],
    "interactive": ["-i", "-c", "import sys; print(sys.argv)"],
    "on stdin": [],
    "version": ["-VV"],
    "no operand": ["-c"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_command_lines(programs: Path, command: str) -> None:
    followed(programs, COMMANDS[command])


@pytest.mark.parametrize("flags", FLAGS)
def test_the_flags_of_the_interpreter(tmp_path: Path, flags: str) -> None:
    followed(tmp_path, [*FLAGS[flags], str(FAITHFUL / "main_module.py")])


def followed(folder: Path, arguments: list[str]) -> None:
    """The output and end of `python ARGUMENTS…`, started by a program, are as without us."""
    launcher = folder / "launcher.py"
    launcher.write_text(
        "import subprocess, sys\n"
        "command = [sys.executable, *sys.argv[1:]]\n"
        f"done = subprocess.run(command, capture_output=True, input={STDIN!r})\n"
        "print(done.stdout, done.stderr, done.returncode)"
    )
    assert_same(folder, "launcher.py", *arguments, options=FOLLOW)


OTHERS = """
print(subprocess.run(["echo", "-c", "x"], capture_output=True).stdout)
print(subprocess.run("exit 4", shell=True).returncode)
print(os.spawnvp(os.P_WAIT, "true", ["true"]))
print(os.waitpid(os.posix_spawnp("false", ["false"], {}), 0)[1])
for wrong in ["no such program"], [sys.executable, 5], [sys.executable, "nul\\0"], []:
    try:
        subprocess.Popen(wrong)
    except Exception as error:
        print(type(error), error)
for wrong in ("/nowhere", ["x"]), (sys.executable, []), (5, ["x"]), (sys.executable, 5):
    try:
        os.execv(*wrong)
    except Exception as error:
        print(type(error), error)
"""


def test_other_programs_are_left_alone(tmp_path: Path) -> None:
    trace = recorded(tmp_path, OTHERS).trace
    assert ends(trace) == [("main", "", 0), ("main/p1", "fork", 0)]


def test_a_program_cannot_be_started(tmp_path: Path) -> None:
    source = """
for wrong in {"cwd": "nowhere"}, {"preexec_fn": lambda: 1 / 0}:
    try:
        subprocess.Popen(ARGS, **wrong)
    except Exception as error:
        print(type(error), error)
try:
    os.posix_spawn(sys.executable, ARGS, {}, file_actions=[(os.POSIX_SPAWN_CLOSE, "x")])
except TypeError as error:
    print(error)
"""
    trace = recorded(tmp_path, source).trace
    # What was forked for them has ended before it ran another program.
    failed = [(f"main/p{n}", "subprocess", 255) for n in (1, 2)]
    assert ends(trace) == [("main", "", 0), *failed]
    starts = list(trace.events.filter(op=Op.START))
    assert starts[-1].outcome is Outcome.RAISED


def test_not_asked_for(tmp_path: Path) -> None:
    trace = recorded(tmp_path, STARTS["wait"], options=()).trace
    assert ends(trace) == [("main", "", 0)]


KILLED = """
p = subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"],
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
p.stdout.readline()
p.send_signal({signal})
print(p.wait())
"""


@pytest.mark.parametrize("signal", [9, 15])
def test_a_program_is_killed(tmp_path: Path, signal: int) -> None:
    trace = recorded(tmp_path, KILLED.format(signal=signal)).trace
    assert ends(trace) == [("main", "", 0), ("main/p1", "subprocess", -signal)]
    (join,) = trace.events.filter(op=Op.JOIN)
    assert join.value == -signal
    printed = next(e for e in trace.events.filter(op=Op.OUTPUT) if e.thread.path == "main/p1")
    assert trace.happens_before(printed, join)


def test_what_a_followed_program_starts_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "between.py").write_text(
        START + "import multiprocessing\n"
        "def work():\n    print(subprocess.run(ARGS).returncode, flush=True)\n"
        "if __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    process = context.Process(target=work)\n    process.start()\n    process.join()\n"
    )
    source = "print(subprocess.run([sys.executable, 'between.py']).returncode)"
    trace = recorded(tmp_path, source).trace
    assert ends(trace) == [
        ("main", "", 0),
        ("main/p1", "subprocess", 0),
        ("main/p1/p1", "spawn", 0),
        ("main/p1/p1/p1", "subprocess", 7),
    ]
    assert trace.findings() == []


def test_a_program_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    source = """
read, write = os.pipe()
code = f"import os; os.close({write}); os.read({read}, 1); print('orphan'); raise SystemExit(3)"
p = subprocess.Popen([sys.executable, "-c", code], pass_fds=(read, write))
print("main ends", flush=True)
os._exit(5)
"""
    (tmp_path / "p.py").write_text(START + source)
    done = run(tmp_path, "p.py", options=(*FOLLOW, "--orphans", "60"))
    assert (done.status, done.stdout) == (5, "main ends\norphan\n")
    assert ends(done.trace) == [("main", "", 5), ("main/p1", "subprocess", 3)]


def test_a_program_of_another_python_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"')
    other.chmod(0o755)
    trace = recorded(tmp_path, f"print(subprocess.run([{str(other)!r}, 'child.py']))").trace
    assert ends(trace) == [("main", "", 0)]


def test_the_helpers_of_multiprocessing_are_not_programs(tmp_path: Path) -> None:
    for method in "spawn", "forkserver":
        done = run(tmp_path, str(TUTORIAL / "process_family.py"), method, options=FOLLOW)
        assert [p.start_method for p in done.trace.processes] == ["", method]


def test_the_run_has_ended_before_the_program_begins(tmp_path: Path) -> None:
    """A program that is told of a spool which has gone runs as if nobody had asked."""
    from tracer.runs.launch import Launch

    (tmp_path / "child.py").write_text(CHILD)
    launch = Launch(str(tmp_path / "gone"), True, [], True, "script", 1, 1, path="main/p1", key="x")
    command = [sys.executable, *launch.arguments([], ["child.py"])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (7, "child ['child.py'] 1\n", "")
