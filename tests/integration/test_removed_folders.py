"""The program takes away the place where its trace is made, or its own right to write there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import TRACE, environment, invoke

import tracer

pytestmark = pytest.mark.one_version

WORK = """
import os, shutil, tempfile, threading
number = 0
def work():
    global number
    for _ in range(100):
        number += 1
def run():
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
def child():
    if os.fork() == 0:
        work()
        os._exit(7)
    return os.waitstatus_to_exitcode(os.wait()[1])
run()
{act}
run()
print("end", child(), number > 0)
"""


def record(
    folder: Path, act: str, *options: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(WORK.format(act=act))
    return invoke(cwd or folder, "run", *options, script)


def test_its_traces_are_removed(tmp_path: Path) -> None:
    done = record(tmp_path, "shutil.rmtree('traces')")
    assert (done.returncode, done.stdout) == (0, "end 7 True\n")
    (line,) = done.stderr.splitlines()
    assert line.endswith("traces/script.msgpack.spool was removed while the program ran")
    assert "no trace" in line


def test_its_working_directory_is_removed(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    done = record(tmp_path, f"shutil.rmtree({str(inner)!r})", cwd=inner)
    assert (done.returncode, done.stdout) == (0, "end 7 True\n")
    assert len(done.stderr.splitlines()) == 1


def test_only_its_working_directory_is_removed(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    file = tmp_path / "t.msgpack"
    act = f"shutil.rmtree({str(inner)!r})"
    done = record(tmp_path, act, "-o", str(file), cwd=inner)
    assert (done.returncode, done.stdout) == (0, "end 7 True\n")
    assert "Traceback" not in done.stderr
    assert tracer.load(file).verdict().word == "findings"


@pytest.mark.parametrize("way", [["script.py"], ["-m", "script"], ["-c", "import script"]])
def test_it_starts_in_a_folder_that_is_removed(tmp_path: Path, way: list[str]) -> None:
    script = tmp_path / "script.py"
    script.write_text(WORK.format(act="import sys; print(sys.path[0], __file__)"))
    way = [str(script)] if way == ["script.py"] else way

    def run(command: list[str]) -> subprocess.CompletedProcess[str]:
        gone = tmp_path / "gone"
        gone.mkdir()
        return subprocess.run(
            ["sh", "-c", 'rmdir ../gone; exec "$@"', "sh", *command, *way],
            cwd=gone,
            env={**environment(), "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path[1:]])},
            capture_output=True,
            text=True,
            timeout=60,
        )

    plain = run([sys.executable])
    ours = run([*TRACE, "run", "-o", str(tmp_path / "t.msgpack")])
    assert (ours.returncode, ours.stdout) == (plain.returncode, plain.stdout)
    assert "Traceback" not in ours.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize(
    ("act", "advice"),
    [
        ("os.setgid(65534); os.setuid(65534)", "setuid"),
        ("os.chroot(tempfile.mkdtemp()); os.chdir('/')", "chroot"),
    ],
)
def test_it_can_write_there_no_more(tmp_path: Path, act: str, advice: str) -> None:
    file = tmp_path / "t.msgpack"
    done = record(tmp_path, act, "-o", str(file))
    assert (done.returncode, done.stdout) == (0, "end 7 True\n")
    assert "Traceback" not in done.stderr
    (reason,) = (r for r in tracer.load(file).verdict().reasons if r.kind == "recording-stopped")
    assert advice in reason.advice
