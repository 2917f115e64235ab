"""The disk is full, or files may grow no further: the program goes on, and no recording is lost."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commandline import TRACE, environment

import tracer
from tracer import Op

pytestmark = pytest.mark.one_version

# Threads are started while there may be no room for one more; main's file becomes 700 kB long.
PROGRAM = """
import threading
lock = threading.Lock()
number = 0
def work(times=1000):
    global number
    for _ in range(times):
        with lock:
            number += 1
for _ in range(20):
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
work(20_000)
print("end", number)
raise SystemExit(5)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a disk of so many kB, which is taken away after the test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = []

    def mount(size: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(folder)]
        if subprocess.run(command, capture_output=True).returncode != 0:
            pytest.skip("needs the right to mount a tmpfs")
        mounted.append(folder)
        return folder

    yield mount
    for one in mounted:
        subprocess.run(["umount", "--lazy", str(one)], check=True)  # a Trace may hold its file


def trace(
    folder: Path, *arguments: str, largest_file: int | None = None
) -> subprocess.CompletedProcess[str]:
    """The command, run where no file may be larger than that many bytes."""

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.run(
        [*TRACE, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=limit,
    )


def is_one_error(done: subprocess.CompletedProcess[str], *words: str, status: int = 3) -> bool:
    return (
        done.returncode == status
        and done.stderr.startswith("trace: error: ")
        and done.stderr.count("\n") == 1
        and all(word in done.stderr for word in words)
    )


def check_ended_early(done: subprocess.CompletedProcess[str], file: Path, why: str) -> None:
    """The program behaved as ever, and the trace has its beginning and says that it ends early."""
    assert done.stdout == "end 60000\n"
    assert done.returncode == 5
    lines = done.stderr.splitlines()
    assert all(line.startswith("trace: ") for line in lines), done.stderr
    (said,) = (line for line in lines if "stopped before the program did" in line)
    assert why in said
    recorded = tracer.load(file)
    assert [why in note for note in recorded.notes] == [True]
    assert recorded.events[0].op == Op.BEGIN
    assert 1 < len(recorded.events) < 4 * 60_000
    assert recorded.processes[0].exit_status == 5
    assert not list(file.parent.glob("*.spool"))


@pytest.mark.parametrize("size", [128, 192, 320, 640])
def test_a_full_disk_ends_the_recording_and_not_the_program(
    tmp_path: Path, disk: Callable[[int], Path], size: int
) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    folder = disk(size)
    done = trace(tmp_path, "run", "-o", "disk/t.msgpack", "p.py")
    if "trace: error: " in done.stderr:  # what is left of the disk is too small for the trace
        assert done.stdout == "end 60000\n"
        assert is_one_error(done, "cannot write disk/t.msgpack", "No space left", status=5)
        done = trace(tmp_path, "recover", "disk/t.msgpack.spool", "-o", "t.msgpack")
        assert done.returncode == 0, done.stderr
        assert tracer.load(tmp_path / "t.msgpack").processes[0].exit_status == 5
    else:
        check_ended_early(done, folder / "t.msgpack", "No space left on device")


@pytest.mark.parametrize("size", [4, 16, 64, 100])
def test_a_disk_with_no_room_for_a_recording_is_an_error(
    tmp_path: Path, disk: Callable[[int], Path], size: int
) -> None:
    (tmp_path / "p.py").write_text("print('ran')")
    folder = disk(size)
    done = trace(tmp_path, "run", "-o", "disk/t.msgpack", "p.py")
    assert is_one_error(done, "cannot write disk/t.msgpack.spool: No space left on device")
    assert done.stdout == ""
    assert not list(folder.iterdir())


def test_a_trace_that_does_not_fit_is_recovered_when_there_is_room(
    tmp_path: Path, disk: Callable[[int], Path]
) -> None:
    (tmp_path / "p.py").write_text("""
import threading
with threading.Lock():
    pass
with open("disk/filler", "wb", buffering=0) as file:
    try:
        while True:
            file.write(bytes(4096))
    except OSError as error:
        print(error.strerror)
raise SystemExit(5)
""")
    folder = disk(1024)
    done = trace(tmp_path, "run", "-o", "disk/t.msgpack", "p.py")
    assert done.stdout == "No space left on device\n"
    again = "to try again: trace recover disk/t.msgpack.spool -o FILE"
    assert is_one_error(done, "cannot write disk/t.msgpack", "No space left", again, status=5)
    done = trace(tmp_path, "recover", "disk/t.msgpack.spool")
    assert is_one_error(done, "cannot write disk/t.msgpack", "No space left", again)
    (folder / "filler").unlink()
    done = trace(tmp_path, "recover", "disk/t.msgpack.spool")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.iterdir()] == ["t.msgpack"]
    recorded = tracer.load(folder / "t.msgpack")
    assert recorded.notes == ()
    assert recorded.processes[0].exit_status == 5
    assert list(recorded.events.filter(op=Op.ACQUIRE))


@pytest.mark.parametrize("kilobytes", [120, 300])
def test_a_limit_to_the_size_of_files_ends_the_recording(tmp_path: Path, kilobytes: int) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    done = trace(tmp_path, "run", "-o", "t.msgpack", "p.py", largest_file=kilobytes << 10)
    check_ended_early(done, tmp_path / "t.msgpack", "File too large")


def test_a_limit_that_the_program_sets_does_not_kill_it(tmp_path: Path) -> None:
    limit = (
        "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (80 << 10, 80 << 10))\n"
    )
    (tmp_path / "p.py").write_text(limit + PROGRAM)
    done = trace(tmp_path, "run", "-o", "t.msgpack", "p.py")
    check_ended_early(done, tmp_path / "t.msgpack", "File too large")


def test_a_limit_with_no_room_for_a_recording_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("print('ran')")
    done = trace(tmp_path, "run", "-o", "t.msgpack", "p.py", largest_file=8 << 10)
    assert is_one_error(done, "cannot write t.msgpack.spool: File too large")
    assert [path.name for path in tmp_path.iterdir()] == ["p.py"]
