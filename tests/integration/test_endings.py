"""However a program ends, it ends as without us, and its trace is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from commandline import TRACE, environment, invoke, plain, run

import tracer
from tracer import Op

# Two threads and a lock; END is what the program ends with.
PROGRAM = """
import atexit, os, signal, sys, threading
lock = threading.Lock()
def work():
    with lock:
        print("work")
thread = threading.Thread(target=work)
thread.start()
thread.join()
sys.stdout.flush()
{end}
"""

ENDINGS = {
    "normal": "print('end')",
    "exception": "def f():\n    raise ValueError('é')\nf()",
    "nested exception": "try:\n    1/0\nexcept ZeroDivisionError:\n    {}['x']",
    "exception group": "raise ExceptionGroup('g', [ValueError(1), KeyError('k')])",
    "exit status": "sys.exit(7)",
    "exit message": "sys.exit('a message')",
    "exit none": "sys.exit(None)",
    "big exit status": "sys.exit(257)",
    "exit in a thread": "threading.Thread(target=sys.exit, args=(3,)).start()",
    "exception in a thread": "threading.Thread(target=lambda: 1/0, name='t').start()",
    "os._exit": "os._exit(5)",
    "abort": "import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nos.abort()",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)",
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "segfault": "os.kill(os.getpid(), signal.SIGSEGV)",
    "keyboard interrupt": "signal.raise_signal(signal.SIGINT)",
    "atexit": "atexit.register(print, 'one')\natexit.register(lambda: print('two'))\n"
    "threading.Thread(target=lambda: print('three')).start()",
    "excepthook": "sys.excepthook = lambda k, e, t: print(k, t.tb_lineno, t.tb_next)\n1/0",
    "failing excepthook": "def hook(*a): raise KeyError(1)\nsys.excepthook = hook\n1/0",
    "stack": "import traceback\n"
    "try:\n    1/0\nexcept ZeroDivisionError:\n    traceback.print_exc()",
    "exec failure": "exec('x = = 1')",
    "import failure": "import no_such_module",
}


@pytest.mark.parametrize("end", ENDINGS)
def test_it_ends_as_without_us(tmp_path: Path, end: str) -> None:
    (tmp_path / "p.py").write_text(PROGRAM.format(end=ENDINGS[end]))
    expected = plain(tmp_path, "p.py")
    done = run(tmp_path, "p.py")
    assert done.program_stderr == expected.stderr
    assert done.stdout == expected.stdout
    assert done.status == expected.returncode
    trace = done.trace
    assert [e.thread.path for e in trace.events.filter(op=Op.ACQUIRE)][:1] == ["main.1"]
    assert list(trace.events.filter(op=Op.JOIN))
    assert trace.processes[0].exit_status == expected.returncode
    assert not list(tmp_path.glob("*.spool"))


def test_no_event_before_a_sudden_death_is_lost(tmp_path: Path) -> None:
    source = """
import itertools, os, signal, threading
last = 0
def work():
    global last
    for last in itertools.count():
        pass
threading.Thread(target=work, daemon=True).start()
while last < 50_000:
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""
    (tmp_path / "p.py").write_text(source)
    done = run(tmp_path, "p.py")
    assert done.status == -signal.SIGKILL
    written = [e.value for e in done.trace.events.filter(op=Op.WRITE, thread="main.1")]
    assert written == list(range(len(written)))
    assert len(written) > 50_000


def start(
    folder: Path, source: str, *options: str, group: bool = False, stdin: int | None = None
) -> subprocess.Popen[str]:
    """`trace run` of the source, which prints a line when it is ready; that line is read."""
    process = begin(folder, source, *options, group=group, stdin=stdin)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def begin(
    folder: Path, source: str, *options: str, group: bool = False, stdin: int | None = None
) -> subprocess.Popen[str]:
    (folder / "p.py").write_text(source)
    return subprocess.Popen(
        [*TRACE, "run", "-o", "t.msgpack", *options, "p.py"],
        cwd=folder,
        env=environment(),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=group,
    )


COUNTING = """
import signal, threading, time
seen = []
def handler(number, frame):
    seen.append(number)
    print(signal.Signals(number).name, flush=True)
signal.signal(signal.{name}, handler)
print("ready", flush=True)
deadline = time.monotonic() + 20
while not seen and time.monotonic() < deadline:
    time.sleep(0.01)
time.sleep(0.4)
print(len(seen))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"])
@pytest.mark.parametrize("to_group", [True, False])
def test_a_signal_reaches_the_program_once(tmp_path: Path, name: str, to_group: bool) -> None:
    with start(tmp_path, COUNTING.format(name=name), group=True) as process:
        number = signal.Signals[name]
        if to_group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        stdout, _ = process.communicate(timeout=30)
    assert stdout == f"{name}\n1\n"
    assert process.returncode == 0
    assert len(tracer.load(tmp_path / "t.msgpack").events) > 2


def processes_like(group: int, pattern: bytes) -> list[int]:
    """The processes of the group that `pkill -f PATTERN` would find."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
            if os.getpgid(pid) == group and pattern in line:
                found.append(pid)
    return found


@pytest.mark.parametrize("pattern", ["racetrace run", "p.py", "racetrace.tracer.recording"])
def test_a_signal_to_all_that_a_pattern_fits_comes_once(tmp_path: Path, pattern: str) -> None:
    with start(tmp_path, COUNTING.format(name="SIGTERM"), group=True) as process:
        found = processes_like(process.pid, pattern.encode())
        assert found
        for pid in found:
            os.kill(pid, signal.SIGTERM)
        stdout, _ = process.communicate(timeout=30)
    assert stdout == "SIGTERM\n1\n"
    assert process.returncode == 0


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_that_the_program_ignores_has_not_ended_it(tmp_path: Path, name: str) -> None:
    source = f"""
import signal, sys, threading
signal.signal(signal.{name}, signal.SIG_IGN)
thread = threading.Thread(target=sys.stdin.readline)
thread.start()
print("ready", flush=True)
thread.join()
"""
    with start(tmp_path, source, group=True, stdin=subprocess.PIPE) as process:
        os.killpg(process.pid, signal.Signals[name])
        _, stderr = process.communicate("go on\n", timeout=30)
    assert process.returncode == 0
    assert "stopped by" not in stderr
    trace = tracer.load(tmp_path / "t.msgpack")
    assert [reason.kind for reason in trace.verdict().reasons] == []


SENDS = {
    "kill": "os.kill(os.getpid(), {number})",
    "group": "os.killpg(0, {number})",
    "raise_signal": "signal.raise_signal({number})",
    "pthread_kill": "signal.pthread_kill(threading.get_ident(), {number})",
    "forked": "pid = os.fork() or time.sleep(60); os.kill(pid, {number}); os.waitpid(pid, 0)",
}


@pytest.mark.parametrize("seed", [(), ("--seed", "1")], ids=["free", "seed"])
@pytest.mark.parametrize("how", SENDS)
def test_a_program_that_kills_itself_is_no_riddle(
    tmp_path: Path, how: str, seed: tuple[str, ...]
) -> None:
    source = f"""
import os, signal, threading, time
if {how == "group"}:
    os.setpgid(0, 0)
thread = threading.Thread(target=len, args=("x",))
thread.start()
thread.join()
{SENDS[how].format(number="signal.SIGTERM")}
"""
    (tmp_path / "p.py").write_text(source)
    run = invoke(tmp_path, "run", "-o", "t.msgpack", *seed, "p.py", timeout=60)
    assert run.returncode == (0 if how == "forked" else -signal.SIGTERM)
    trace = tracer.load(tmp_path / "t.msgpack")
    assert trace.verdict().word == "clean", trace.verdict().reasons
    (sent,) = trace.events.filter(op=Op.TERMINATE)
    assert sent.value == signal.SIGTERM
    replay = invoke(tmp_path, "replay", "t.msgpack", timeout=60)
    assert "as recorded" in replay.stderr + replay.stdout, replay


def test_ctrl_c_ends_a_program_with_waiting_threads(tmp_path: Path) -> None:
    source = """
import threading
event = threading.Event()
threading.Thread(target=event.wait, daemon=True).start()
print("ready", flush=True)
event.wait()
"""
    with start(tmp_path, source, group=True) as process:
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert stderr.count("KeyboardInterrupt") == 1
    assert list(tracer.load(tmp_path / "t.msgpack").events.filter(op=Op.REQUEST))


@pytest.mark.parametrize(
    "stubborn", ["", "signal.signal(signal.SIGINT, signal.SIG_IGN)"], ids=["obeys", "ignores"]
)
def test_the_timeout_ends_the_program(tmp_path: Path, stubborn: str) -> None:
    source = f"import signal, time\n{stubborn}\nprint('ready', flush=True)\ntime.sleep(60)"
    for limit in ("1", "10", "30"):  # on a busy machine the program may not have begun in the first
        with begin(tmp_path, source, "--force", "--timeout", limit) as process:
            stdout, stderr = process.communicate(timeout=60)
        if stdout:
            break
    assert stdout == "ready\n"
    assert process.returncode == 124
    assert f"stopped by --timeout after {limit} s" in stderr
    assert list(tracer.load(tmp_path / "t.msgpack").events.filter(op=Op.SLEEP))


def test_a_killed_supervisor_leaves_a_spool_to_recover(tmp_path: Path) -> None:
    source = """
import threading, time
lock = threading.Lock()
with lock:
    pass
print("ready", flush=True)
time.sleep(60)
"""
    with start(tmp_path, source) as process:
        spool = tmp_path / "t.msgpack.spool"
        refused = invoke(tmp_path, "recover", spool, timeout=30)
        assert refused.returncode == 2
        assert "in use" in refused.stderr
        process.kill()
    assert spool.is_dir()
    assert not (tmp_path / "t.msgpack").exists()
    done = invoke(tmp_path, "recover", spool, timeout=30)
    assert done.returncode == 0, done.stderr
    assert list(tracer.load(tmp_path / "t.msgpack").events.filter(op=Op.ACQUIRE))
    assert not spool.exists()


def test_a_spool_that_was_about_to_be_removed_is(tmp_path: Path) -> None:
    with start(tmp_path, "import time; print('ready', flush=True); time.sleep(60)") as process:
        process.kill()
    spool, left = tmp_path / "t.msgpack.spool", tmp_path / "left"
    shutil.copytree(spool, left)
    recover = [*TRACE, "recover", str(spool)]
    assert subprocess.run(recover, capture_output=True, timeout=60).returncode == 0
    written = (tmp_path / "t.msgpack").read_bytes()
    left.rename(spool)
    (spool / "p1.defs").unlink()  # that far the supervisor had come when it was killed
    done = subprocess.run(recover, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stderr.startswith("trace: nothing to recover: ")
    assert "t.msgpack is the trace of this run" in done.stderr
    assert not spool.exists()
    assert (tmp_path / "t.msgpack").read_bytes() == written


@pytest.mark.parametrize(
    ("end", "status"),
    [("os.kill(os.getpid(), 9)", -9), ("os.kill(os.getpid(), 15)", -15), ("os._exit(7)", 7)],
)
def test_a_program_that_ends_before_its_recording_begins(
    tmp_path: Path, end: str, status: int
) -> None:
    (tmp_path / "p.py").write_text("print('ran')")
    (tmp_path / "sitecustomize.py").write_text(f"""
import os, signal, sys
if "racetrace.tracer.recording.bootstrap" in " ".join(sys.orig_argv):
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    {end}
""")
    done = subprocess.run(
        [*TRACE, "run", "p.py"],
        cwd=tmp_path,
        env={**environment(), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == status
    said = "trace: no trace: the program ended before its recording began\n"
    assert (done.stdout, done.stderr) == ("", said)
    assert not list((tmp_path / "traces").iterdir())


@pytest.mark.parametrize("content", [None, "", "{"])
def test_a_spool_in_which_nothing_was_recorded_is_removed(
    tmp_path: Path, content: str | None
) -> None:
    spool = tmp_path / "t.msgpack.spool"
    spool.mkdir()
    if content is not None:
        (spool / "run.json").write_text(content)
    done = invoke(tmp_path, "recover", "t.msgpack.spool", timeout=30)
    assert done.returncode == 0
    assert done.stderr.startswith("trace: nothing to recover: ")
    assert not list(tmp_path.iterdir())


def test_a_trace_goes_into_regular_files_only(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("print('ran')")
    os.mkfifo(tmp_path / "fifo.msgpack")
    (tmp_path / "link.msgpack").symlink_to("p.msgpack")
    (tmp_path / "dead.msgpack").symlink_to("nowhere")
    (tmp_path / "p.msgpack").write_text("precious")
    (tmp_path / "t.msgpack.spool").mkdir()
    (tmp_path / "t.msgpack.spool" / "run.json").touch()
    names = ("fifo.msgpack", "link.msgpack", "dead.msgpack", "/dev/null", "/dev/stdout")
    for name in names:
        for force in ([], ["--force"]):
            for command in (["run"], ["recover", "t.msgpack.spool"]):
                program = ["p.py"] if command == ["run"] else []
                status, message = error(tmp_path, *command, "-o", name, *force, *program)
                assert status == 2
                assert "--force" not in message
    assert (tmp_path / "p.msgpack").read_text() == "precious"


def error(folder: Path, *arguments: str) -> tuple[int, str]:
    done = invoke(folder, *arguments, timeout=30)
    assert done.stderr.startswith("trace: error: ")
    assert done.stderr.count("\n") == 1
    return done.returncode, done.stderr


def test_usage_errors_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("print('ran')")
    (tmp_path / "old.msgpack").write_text("precious")
    (tmp_path / "file").write_text("")
    assert error(tmp_path, "run", "missing.py")[0] == 2
    assert error(tmp_path, "run")[0] == 2
    for option in ("-m", "-c", "-o", "--seed"):
        assert error(tmp_path, "run", option)[0] == 2
    status, message = error(tmp_path, "show", "p.py")
    assert (status, message) == (3, "trace: error: p.py: not a trace file\n")
    assert error(tmp_path, "run", "--bogus", "p.py")[0] == 2
    assert error(tmp_path, "run", "-o", "old.msgpack", "p.py")[0] == 2
    assert (tmp_path / "old.msgpack").read_text() == "precious"
    status, message = error(tmp_path, "run", "-o", "file/t.msgpack", "p.py")
    assert status == 3
    assert "cannot write file/t.msgpack" in message
    assert error(tmp_path, "recover", "file")[0] == 2


def test_without_arguments_it_is_explained() -> None:
    done = subprocess.run(TRACE, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: trace ")


def test_a_default_name_is_numbered(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("")
    for _ in range(2):
        subprocess.run([*TRACE, "run", "p.py"], cwd=tmp_path, check=True, capture_output=True)
    assert sorted(path.name for path in (tmp_path / "traces").iterdir()) == [
        "p-2.msgpack",
        "p.msgpack",
    ]


def test_a_forked_child_is_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("""
import os, threading
lock = threading.Lock()
stop = threading.Event()
def work():
    while not stop.is_set():
        with lock:
            pass
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(5):
    child = os.fork()
    if child == 0:
        own = threading.Lock()
        with own:
            print("child", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
stop.set()
for thread in threads:
    thread.join()
print("end")
""")
    done = run(tmp_path, "p.py")
    assert done.stdout == "child\n" * 5 + "end\n"
    trace = done.trace
    assert [process.path for process in trace.processes] == [
        "main",
        *(f"main/p{number}" for number in range(1, 6)),
    ]
    # Python 3.12 and newer warn on stderr of a fork among threads; that is output too.
    outputs = [e for e in trace.events.filter(op=Op.OUTPUT) if e.value in ("child", "end")]
    printed = [e.thread.process.path for e in outputs]
    assert printed == [*(f"main/p{number}" for number in range(1, 6)), "main"]


def test_a_program_may_be_run_twice_at_once(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("input()")
    runs = [
        subprocess.Popen(
            [*TRACE, "run", "p.py"],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(3)
    ]
    for one in runs:
        one.communicate(b"\n", timeout=30)
    assert len(list((tmp_path / "traces").glob("*.msgpack"))) == 3
