"""Threads that live at the same time have idents and native ids of their own, in every run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commandline import invoke, run
from suites import run as run_pytest

from tracer import load

COUNT = 12

# Two threads at a time, which lose updates; the system gives the next two the same idents.
PROGRAM = f"""
import contextlib
import threading
import time

COUNT, TOGETHER = {COUNT}, 2
lock, free = threading.Lock(), contextlib.nullcontext()
numbers, strangers, total = [], [], 0

def work():
    global total
    before = threading.current_thread()
    with free:
        read = total
        time.sleep(0.001)
        total = read + 1
    with lock:
        numbers.append((threading.get_ident(), threading.get_native_id()))
    all_live.wait()
    if threading.current_thread() is not before:
        strangers.append(before)

for first in range(0, COUNT, TOGETHER):
    all_live = threading.Barrier(TOGETHER)
    threads = [threading.Thread(target=work) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print("idents", *(ident for ident, _ in numbers))
print("native", *(native for _, native in numbers))
print("strangers", len(strangers))
"""
EDITED = PROGRAM.replace(f"{COUNT}, 2", f"{COUNT}, {COUNT}").replace("with free", "with lock")


def numbers(output: str, kind: str) -> list[int]:
    line = re.search(rf"^{kind} (.*)$", output, re.MULTILINE)
    assert line, output
    return [int(number) for number in line[1].split()]


def assert_all_differ(output: str) -> None:
    for kind in ("idents", "native"):
        told = numbers(output, kind)
        assert len(told) == len(set(told)) == COUNT
    assert numbers(output, "strangers") == [0]
    assert "Exception ignored" not in output


@pytest.fixture
def recorded(tmp_path: Path):
    """A run of which threads had the same idents."""
    (tmp_path / "work.py").write_text(PROGRAM)
    done = run(tmp_path, "work.py")
    assert done.status == 0, done.stderr
    assert len(set(numbers(done.stdout, "idents"))) < COUNT
    return done


def test_the_recorded_idents_come_again(tmp_path, recorded):
    done = invoke(tmp_path, "replay", recorded.file)
    assert done.returncode == 0, done.stderr
    assert done.stdout == recorded.stdout


def test_an_edited_program_has_an_ident_for_each_living_thread(tmp_path, recorded):
    (tmp_path / "work.py").write_text(EDITED)
    again = tmp_path / "again.msgpack"
    done = invoke(tmp_path, "replay", "--follow", "--record", again, recorded.file)
    assert_all_differ(done.stdout + done.stderr)
    told = set(numbers(done.stdout, "idents"))
    assert told <= {thread.ident for thread in load(again).threads}
    # The first that had one in the recording has it again.
    assert told >= set(numbers(recorded.stdout, "idents"))


@pytest.mark.one_version
def test_so_has_a_fixed_one_that_is_a_test(tmp_path, recorded):
    (tmp_path / "traces").mkdir()
    file = recorded.file.rename(tmp_path / "traces" / "work.msgpack")
    kept = invoke(tmp_path, "check", "--save-expected", "--fixed", file)
    assert kept.returncode == 0, kept.stderr
    (tmp_path / "work.py").write_text(EDITED)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    assert_all_differ(run_pytest(tmp_path, "-s", "--traces", "traces", expect=0))


@pytest.mark.parametrize("options", [(), ("--seed", "1")])
def test_so_has_a_recorded_one(tmp_path, options):
    (tmp_path / "work.py").write_text(EDITED)
    done = run(tmp_path, "work.py", options=options)
    assert_all_differ(done.stdout + done.stderr)


def test_made_up_idents_are_not_made_up_again(tmp_path):
    few = EDITED.replace(f"{COUNT}, {COUNT}", "3, 3")
    (tmp_path / "work.py").write_text(few)
    recorded = run(tmp_path, "work.py", options=("--seed", "1"))
    (tmp_path / "work.py").write_text(EDITED)
    done = invoke(tmp_path, "replay", "--follow", recorded.file)
    assert_all_differ(done.stdout + done.stderr)
    assert {*numbers(recorded.stdout, "idents")} <= {*numbers(done.stdout, "idents")}
