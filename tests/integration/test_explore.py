"""`trace explore`: what it is given, how it ends, and that it is the same each time."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commandline import TRACE, environment, invoke

RACE = """\
import threading
num = 2
def work():
    global num
    num -= 1
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def written(folder: Path, source: str) -> Path:
    file = folder / "program.py"
    file.write_text(source, encoding="utf-8")
    return file


@pytest.mark.parametrize("workers", [1, 3])
def test_the_same_seed_finds_the_same(tmp_path: Path, workers: int) -> None:
    written(tmp_path, RACE)
    words = ["explore", "--check", "num == 0", "-o", "t.msgpack", "program.py"]
    one = invoke(tmp_path, *words)
    other = invoke(tmp_path, *words[:1], "--force", "--workers", workers, *words[1:])
    assert one.returncode == 1, one.stderr
    assert other.stdout == one.stdout
    assert "schedule 3 (random), reduced from 4 switches to 1 in " in one.stdout
    assert "; preemptions: 1\n" in one.stdout
    assert "--schedule 'main.1@3>main.2'" in one.stderr


def test_what_is_written_and_read_is_that_of_each_run(tmp_path: Path) -> None:
    written(tmp_path, "print(input()); print(input()); raise SystemExit(3)")
    found = invoke(tmp_path, "explore", "program.py", stdin="one\ntwo\n")
    assert found.returncode == 1
    assert found.stdout.startswith("FAILED: exit status 3: two\n")
    assert "what it wrote:\n   one\n   two\n" in found.stdout


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["absent.py"], "cannot open absent.py: No such file or directory"),
        ([], "nothing to run: give a SCRIPT, -m MODULE or -c CODE"),
        (["--check", "num ==", "program.py"], "--check 'num ==': invalid syntax"),
        (["--check", "nun == 0", "program.py"], "--check 'nun == 0': NameError: name 'nun'"),
        (["--keep-going", "-o", "t.msgpack", "program.py"], "give -o FILE for the first that"),
        (["-o", "t.svg", "program.py"], "t.svg: a trace is not a .svg file"),
    ],
)
def test_what_cannot_be_explored_is_said_in_a_line(
    tmp_path: Path, words: list[str], error: str
) -> None:
    written(tmp_path, RACE)
    found = invoke(tmp_path, "explore", *words)
    assert found.returncode == 2
    assert found.stderr.startswith(f"trace: error: {error}")
    assert found.stderr.count("\n") == 1
    assert not (tmp_path / "traces").exists()


def test_each_way_of_failing_is_kept(tmp_path: Path) -> None:
    written(tmp_path, RACE + "raise SystemExit(7 if num else 8)\n")
    words = ["explore", "--keep-going", "--schedules", 8, "program.py"]
    found = invoke(tmp_path, *words, timeout=300)
    assert found.returncode == 1
    failures = [line for line in found.stdout.splitlines() if line.startswith("FAILED: ")]
    assert failures == ["FAILED: exit status 8", "FAILED: exit status 7"]
    assert len(list((tmp_path / "traces").iterdir())) == 2


def test_a_run_that_never_ends_is_a_livelock(tmp_path: Path) -> None:
    written(tmp_path, "import time\nwhile True: time.sleep(1)\n")
    found = invoke(tmp_path, "explore", "program.py", timeout=200)
    assert found.returncode == 1, found.stderr
    assert found.stdout.startswith("FAILED: it has not ended after 1,000,000 steps\n")


def test_a_run_that_takes_too_long_proves_nothing(tmp_path: Path) -> None:
    written(tmp_path, "while True: pass\n")
    found = invoke(tmp_path, "explore", "--timeout", 1, "--schedules", 2, "program.py")
    assert found.returncode == 3, found.stdout
    assert "INCONCLUSIVE" in found.stdout
    assert "a run took longer than 1 s" in found.stdout


def test_a_sleep_that_ends_late_is_tried(tmp_path: Path) -> None:
    source = RACE.replace("    num -= 1", "    read = num\n    time.sleep(0.1)\n    num = read - 1")
    source = source.replace("_ in range(2)", "_ in [1]") + "num -= 1\n"
    source = "import time\n" + source.replace("for thread in threads: thread.join()", "")
    source += "time.sleep(0.05)\nnum = num\ntime.sleep(9)\n"
    written(tmp_path, source)
    found = invoke(tmp_path, "run", "--seed", 1, "--clock", "explored", "program.py")
    assert found.returncode == 0, found.stderr
    assert invoke(tmp_path, "replay", "traces/program.msgpack").returncode == 0


def test_ctrl_c_says_what_was_seen_and_leaves_nothing(tmp_path: Path) -> None:
    written(tmp_path, RACE + "import os\nopen('runs', 'a').write(f'{os.getpid()}\\n')\n")
    command = [*TRACE, "explore", "--schedules", "100000", "program.py"]
    search = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(TMPDIR=str(tmp_path)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "runs").exists() or (tmp_path / "runs").read_text().count("\n") < 5:
        assert search.poll() is None
        time.sleep(0.01)
    search.send_signal(signal.SIGINT)
    stdout, stderr = search.communicate(timeout=60)
    assert search.returncode == 3, stderr
    assert "it was interrupted" in stdout
    assert stderr == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["program.py", "runs"]
    for pid in (tmp_path / "runs").read_text().split():
        assert not os.path.exists(f"/proc/{pid}")
