"""The pytest plugin in projects that do not know of it: it changes nothing there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import TRACE
from suites import APP

pytestmark = pytest.mark.one_version

PYTEST = [str(Path(sys.executable).with_name("pytest"))]
MODULE = [sys.executable, "-m", "pytest"]
THEIRS = "def spans():\n    return ['theirs']\n"
IMPORTING = """
import tracer

def test_it():
    import tracer.spans_of
    assert tracer.spans() == ['theirs'] == tracer.spans_of.spans()
"""


def pytest_in(folder: Path, command: list[str], *options: str, expect: int) -> str:
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("command", [PYTEST, MODULE], ids=["pytest", "python -m pytest"])
@pytest.mark.parametrize(
    "options",
    ["--help", "--version", "--markers", "--fixtures", "--collect-only", "--setup-plan", "--co -q"],
)
def test_every_way_of_asking_pytest(tmp_path: Path, command: list[str], options: str) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\ntraces = traces\n")
    (tmp_path / "traces").mkdir()
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    pytest_in(tmp_path, command, *options.split(), expect=0)


def package(folder: Path) -> None:
    (folder / "tracer").mkdir(parents=True)
    (folder / "tracer" / "__init__.py").write_text(THEIRS)
    (folder / "tracer" / "spans_of.py").write_text(THEIRS)


@pytest.mark.parametrize("command", [PYTEST, MODULE], ids=["pytest", "python -m pytest"])
@pytest.mark.parametrize("layout", ["beside", "src", "conftest"])
@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_a_project_keeps_its_own_package_tracer(
    tmp_path: Path, command: list[str], layout: str, options: tuple[str, ...]
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    if layout == "src":
        (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = src\ntestpaths = tests\n")
    package(tmp_path / "src" if layout == "src" else tmp_path)
    tests = tmp_path if layout == "beside" else tmp_path / "tests"
    tests.mkdir(exist_ok=True)
    if layout == "conftest":
        (tmp_path / "conftest.py").write_text("import tracer\n")
    (tests / "test_it.py").write_text(IMPORTING)
    assert "1 passed" in pytest_in(tmp_path, command, *options, expect=0)


MARKED = """
import app
import pytest
import tracer

@pytest.mark.trace
def test_marked():
    counter = app.Counter()
    app.count(counter, counter.bump)
    assert tracer.spans() == ['theirs']

def test_with_block(trace_recorder):
    with trace_recorder:
        app.count(app.Counter(), lambda: tracer.spans())
    assert trace_recorder.trace.verdict().word == "clean"
"""


@pytest.mark.parametrize("command", [PYTEST, MODULE], ids=["pytest", "python -m pytest"])
@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_tests_are_recorded_there(
    tmp_path: Path, command: list[str], options: tuple[str, ...]
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "app.py").write_text(APP)
    package(tmp_path)
    (tmp_path / "test_marked.py").write_text(MARKED)
    output = pytest_in(tmp_path, command, *options, expect=0)
    assert "Lost update on counter.n" in output
    assert "2 tests recorded: 1 with findings, 1 clean" in output
    assert "2 passed" in output
    (tmp_path / "pytest.ini").write_text("[pytest]\ntrace_findings = error\n")
    output = pytest_in(tmp_path, command, *options, expect=1)
    (kept,) = (tmp_path / "failed-traces").iterdir()
    assert "1 failed, 1 passed" in output
    replayed = subprocess.run(
        [*TRACE, "replay", kept], cwd=tmp_path, capture_output=True, text=True
    )
    assert "as recorded" in replayed.stderr


def test_a_module_of_that_name_is_enough(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "tracer.py").write_text(THEIRS)
    (tmp_path / "test_it.py").write_text(
        "import tracer\ndef test_it():\n    assert tracer.spans() == ['theirs']\n"
    )
    assert "1 passed" in pytest_in(tmp_path, PYTEST, expect=0)
    assert "1 passed" in pytest_in(tmp_path, MODULE, expect=0)
