"""What the commands say to who uses them: errors, options without effect, streams that fail."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from commandline import TRACE, invoke

pytestmark = pytest.mark.one_version

BIN = Path(sys.executable).parent
MODULE = [sys.executable, "-m"]

PROGRAM = """
import threading
num = 0
def work():
    global num
    num += 1
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def started(folder: Path, *words: object, **streams: object) -> subprocess.CompletedProcess[str]:
    """The command with these streams; the others are kept."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    command = [*TRACE, *map(str, words)]
    return subprocess.run(command, cwd=folder, text=True, timeout=120, **streams)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a program and a trace of it."""
    (tmp_path / "p.py").write_text(PROGRAM)
    done = invoke(tmp_path, "run", "-o", "t.msgpack", "p.py")
    assert done.returncode == 0, done.stderr
    return tmp_path


def refused(folder: Path, *words: object, status: int = 2) -> str:
    """The one line with which the command refuses."""
    done = invoke(folder, *words)
    assert done.returncode == status, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("trace: error: ")
    return line.removeprefix("trace: error: ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run --depth 3 p.py", "--depth is for --strategy pct"),
        ("run --seed 1 --strategy random --length 9 p.py", "--length is for --strategy pct"),
        ("run --seed 1 --strategy free p.py", "--strategy free is one without"),
        ("run --force p.py", "--force is for the FILE of -o"),
        ("run -o x.msgpack --traces d p.py", "give -o FILE or --traces DIR, not both"),
        ("run --no-memory --include json p.py", "--no-memory records none"),
        ("check --fixed t.msgpack", "--fixed goes with --save-expected"),
        ("show --force t.msgpack", "--force is for the FILE of --graph"),
        ("show t.msgpack --format svg --graph", "--format is for stdout"),
        ("show --full --head 3 t.msgpack", "leave --head and --tail out"),
        ("show --full --format json t.msgpack", "leave --full out"),
        ("show --graph t.msgpack", "trace show t.msgpack --graph"),
        ("replay --force t.msgpack", "--force is for the OUT of --record"),
        ("replay --pdb t.msgpack", "give --until or --from-finding"),
        ("replay --until 3 --from-finding 1 t.msgpack", "not both"),
        ("replay --until 3 --times 2 t.msgpack", "not --times, --record or --follow"),
        ("replay --record t.msgpack --force t.msgpack", "is the trace that is to be replayed"),
    ],
)
def test_an_option_without_effect_is_an_error(folder: Path, words: str, said: str) -> None:
    assert said in refused(folder, *words.split())


def test_a_trace_goes_into_a_regular_file_only(folder: Path) -> None:
    os.mkfifo(folder / "fifo.msgpack")
    (folder / "link.msgpack").symlink_to("t.msgpack")
    (folder / "dangling.msgpack").symlink_to("nothing")
    (folder / "folder.msgpack").mkdir()
    (folder / "sock.msgpack").touch()
    (folder / "sock.msgpack").unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "sock.msgpack"))
        before = {entry.name: entry.lstat() for entry in folder.iterdir()}
        names = ["fifo", "link", "dangling", "folder", "sock"]
        for file in ["/dev/null", *(f"{name}.msgpack" for name in names)]:
            for command in (["run", "p.py", "-o"], ["replay", "t.msgpack", "--record"]):
                words = [command[0], command[2], file, "--force", command[1]]
                assert refused(folder, *words).startswith(f"{file} is "), words
        after = {entry.name: entry.lstat() for entry in folder.iterdir()}
        assert {name: (s.st_ino, s.st_mode) for name, s in before.items()} == {
            name: (s.st_ino, s.st_mode) for name, s in after.items()
        }
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_name_that_promises_another_format_is_refused(folder: Path) -> None:
    assert "call it x.msgpack" in refused(folder, "run", "-o", "x.json", "p.py")
    assert "call it p.msgpack" in refused(folder, "run", "--force", "-o", "p.py", "p.py")
    assert (folder / "p.py").read_text() == PROGRAM


def test_a_replayed_run_is_kept_again_only_with_force(folder: Path) -> None:
    for words in ([], ["--force"]):
        done = invoke(folder, "replay", "--record", "r.msgpack", *words, "t.msgpack")
        assert done.returncode == 0, done.stderr
        said = refused(folder, "replay", "--record", "r.msgpack", "t.msgpack")
        assert said == "r.msgpack exists; --force overwrites it"


def test_what_is_no_trace(folder: Path) -> None:
    (folder / "empty").touch()
    (folder / "text").write_text("hello")
    os.mkfifo(folder / "fifo")
    for name in ("d", "t.msgpack.spool"):
        (folder / name).mkdir()
    (folder / "t.msgpack.spool" / "run.json").touch()
    for file, said in {
        "d": "a directory, not a trace",
        "t.msgpack.spool": "trace recover makes one of it",
        "empty": "the file is empty",
        "text": "not a trace file",
        "fifo": "not a regular file",
        "nothing": "No such file or directory",
    }.items():
        for command in (["check"], ["show"], ["replay"], ["diff", "t.msgpack"]):
            line = refused(folder, *command, file, status=3)
            assert line.startswith(f"{file}: ")
            assert said in line


def test_where_nothing_can_be_written(folder: Path) -> None:
    below = "t.msgpack/x.msgpack"
    said = refused(folder, "run", "-o", below, "p.py", status=3)
    assert said == f"cannot write {below}: t.msgpack is not a directory"
    said = refused(folder, "run", "-o", "/proc/x.msgpack", "p.py", status=3)
    assert said.startswith("cannot write /proc/x.msgpack: ")
    said = refused(folder, "show", "t.msgpack", "--graph", "nowhere/x.dot", status=3)
    assert said == "cannot write nowhere/x.dot: No such file or directory"


OPTION_OF_ITS_OWN = "import sys; assert '--seed' in sys.argv"


@pytest.mark.parametrize(
    ("words", "hinted"),
    [
        (["p.py", "--seed", "1"], ["--seed 1"]),
        (["p.py", "--seed=1", "--no-memory", "x"], ["--seed=1", "--no-memory"]),
        (["p.py", "--verbose", "--", "--seed", "1"], []),
        (["-c", OPTION_OF_ITS_OWN, "--seed", "1"], []),
        (["-m", "timeit", "--seed", "1"], ["--seed 1"]),
        (["-m", "json.tool", "--timeout"], ["--timeout"]),
    ],
)
def test_an_option_of_ours_after_the_script_gets_a_hint(
    folder: Path, words: list[str], hinted: list[str]
) -> None:
    lines = invoke(folder, "run", *words).stderr.splitlines()
    mark = " came after the script"
    found = [line.partition(mark)[0] for line in lines if mark in line]
    assert found == [f"trace: {option}" for option in hinted]


def test_only_the_user_may_read_a_trace(folder: Path) -> None:
    def mode(file: Path) -> int:
        return stat.S_IMODE(file.stat().st_mode)

    (folder / "spool.py").write_text(
        "import os; print(oct(os.stat('s.msgpack.spool').st_mode & 0o777))"
    )
    done = invoke(folder, "run", "-o", "s.msgpack", "spool.py")
    assert done.stdout == "0o700\n", done.stderr
    assert mode(folder / "s.msgpack") == mode(folder / "t.msgpack") == 0o600


COMMANDS = [
    "check t.msgpack",
    "check --format json t.msgpack",
    "show t.msgpack",
    "show --format json t.msgpack",
    "show --format dot t.msgpack",
    "diff t.msgpack t.msgpack",
    "--help",
    "run --help",
]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_stdout_that_takes_nothing(folder: Path, words: str) -> None:
    with open("/dev/full", "w") as full:
        done = started(folder, *words.split(), stdout=full)
    said = "trace: error: cannot write to standard output: No space left on device"
    assert (done.returncode, done.stderr.splitlines()[-1]) == (3, said)
    assert "Traceback" not in done.stderr
    reader, writer = os.pipe()
    os.close(reader)
    done = started(folder, *words.split(), stdout=writer)
    os.close(writer)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "error" not in done.stderr


@pytest.mark.parametrize("words", COMMANDS)
def test_a_stderr_that_takes_nothing_changes_nothing(folder: Path, words: str) -> None:
    usual = invoke(folder, *words.split())
    with open("/dev/full", "w") as full:
        done = started(folder, *words.split(), stderr=full)
    assert (done.returncode, done.stdout) == (usual.returncode, usual.stdout)


def test_a_run_ends_as_its_program_wherever_the_summary_goes(folder: Path) -> None:
    (folder / "q.py").write_text("print('done'); raise SystemExit(5)")
    with open("/dev/full", "w") as full:
        done = started(folder, "run", "q.py", stderr=full)
    assert (done.returncode, done.stdout) == (5, "done\n")
    closed = ["sh", "-c", '"$@" >&- 2>&-', "sh", *TRACE, "run", "-c", "raise SystemExit(5)"]
    assert subprocess.run(closed, cwd=folder, timeout=120).returncode == 5


@pytest.mark.parametrize(
    "command",
    [[*MODULE, "racetrace"], [*MODULE, "tracer"], [BIN / "trace"], [BIN / "racetrace"]],
    ids=["-m racetrace", "-m tracer", "trace", "racetrace"],
)
def test_the_command_has_four_names_and_says_one(command: list[str | Path]) -> None:
    """`trace` may be something else on a PATH, and `python -m trace` is the standard library's."""
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"trace, version {version('racetrace')}\n"
    assert done.stderr == ""


READER = (
    "import sys; from tracer import _core; from tracer.commands import group;"
    "_core.RECORDS = False; sys.exit(group.call(interruptible=False))"
)
"""The command of a build that only reads traces, which `make portable` compiles."""


def reader(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", READER, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("words", ["run p.py", "replay t.msgpack", "recover t.msgpack.spool"])
def test_a_build_without_the_recorder_says_so(folder: Path, words: str) -> None:
    done = reader(folder, *words.split())
    assert done.returncode == 2
    assert done.stderr.startswith(f"trace: error: trace {words.split()[0]} needs Linux: ")
    assert done.stderr.count("\n") == 1


def test_a_build_without_the_recorder_shows_what_it_can(folder: Path) -> None:
    listed = re.findall(r"^  ([a-z]+) ", reader(folder, "--help").stdout, re.M)
    assert listed == ["show", "check", "diff"]
    assert reader(folder, "show", "t.msgpack").returncode == 0
