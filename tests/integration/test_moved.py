"""A trace that was moved with its program, or away from it, is still replayed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import invoke

import tracer

pytestmark = pytest.mark.one_version

RACE = """
import threading
from parts import counting

counter = counting.Counter()
threads = [threading.Thread(target=counter.bump) for _ in range(3)]
for t in threads: t.start()
for t in threads: t.join()
print(counter.n)
"""
COUNTING = """
import time

class Counter:
    def __init__(self):
        self.n = 0

    def bump(self):
        seen = self.n
        time.sleep(0.001)
        self.n = seen + 1
"""


def make(project: Path) -> Path:
    (project / "parts").mkdir(parents=True)
    (project / "race.py").write_text(RACE)
    (project / "parts" / "counting.py").write_text(COUNTING)
    return project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make(tmp_path / "here" / "project")


def record(project: Path, *program: str, **variables: str) -> Path:
    file = Path("traces/race.msgpack")
    done = invoke(project, "run", "-o", file, *program, **variables)
    assert done.returncode == 0, done.stderr
    return file


def elsewhere(project: Path) -> Path:
    """Moves the project, program and trace, to another depth."""
    there = project.parents[1] / "elsewhere" / "and" / "deeper"
    shutil.move(project, there)
    return there


@pytest.mark.parametrize("program", ["race.py", "-m race", "-c import race", "{}/race.py"])
def test_a_project_that_has_moved(tmp_path, project, program):
    option, _, rest = program.format(project).partition(" ")
    file = record(project, option, *filter(None, [rest]))
    there = elsewhere(project)
    done = invoke(tmp_path, "replay", there / file)
    assert done.returncode == 0, done.stderr
    places = {site.file for event in tracer.load(there / file).events if (site := event.site)}
    assert str(there / "parts" / "counting.py") in places
    assert not any(str(project) in place for place in places)


def test_another_checkout_replays_its_own_program(tmp_path, project):
    file = record(project, "race.py")
    other = tmp_path / "other"
    shutil.copytree(project, other)
    counting = project / "parts" / "counting.py"
    counting.write_text(COUNTING.replace("seen + 1", "seen + 2"))
    assert invoke(project, "replay", file).returncode == 1
    assert invoke(tmp_path, "replay", other / file).returncode == 0
    diff = invoke(tmp_path, "diff", project / file, other / file)
    assert diff.returncode == 0, diff.stdout


def test_a_trace_that_was_moved_away_from_its_program(tmp_path, project):
    away = shutil.move(project / record(project, "race.py"), tmp_path / "x.msgpack")
    assert invoke(Path("/"), "replay", away).returncode == 0
    there = elsewhere(project)
    done = invoke(Path("/"), "replay", away)
    assert done.returncode == 2
    assert done.stderr.startswith("trace: error: cannot find race.py: looked in ")
    assert done.stderr.endswith(f", {project}, /\n")
    # Then the working directory is asked.
    assert invoke(there, "replay", away).returncode == 0


def test_the_python_path_moves_too(tmp_path, project):
    (project / "scripts").mkdir()
    os.rename(project / "race.py", project / "scripts" / "race.py")
    file = record(project, "scripts/race.py", PYTHONPATH=str(project))
    done = invoke(tmp_path, "replay", elsewhere(project) / file)
    assert done.returncode == 0, done.stderr


def test_traces_are_tests_in_another_checkout(project):
    file = record(project, "race.py")
    invoke(project, "check", "--save-expected", file)
    there = elsewhere(project)
    (there / "pytest.ini").write_text("[pytest]\ntraces = traces\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    done = subprocess.run(command, cwd=there, capture_output=True, text=True, timeout=120)
    assert "1 passed" in done.stdout
    counting = there / "parts" / "counting.py"
    counting.write_text(COUNTING.replace("seen + 1", "seen + 2"))
    done = subprocess.run(command, cwd=there, capture_output=True, text=True, timeout=120)
    assert "traces/race.msgpack: its replay diverged" in done.stdout
    assert "different: value" in done.stdout
    assert "next: trace replay traces/race.msgpack" in done.stdout
    assert "Traceback" not in done.stdout
    os.unlink(there / "race.py")
    done = subprocess.run(command, cwd=there, capture_output=True, text=True, timeout=120)
    assert "traces/race.msgpack: it cannot be replayed: cannot find race.py" in done.stdout
