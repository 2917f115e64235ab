"""A Python that there is no core for is told so in one line."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tracer.commands import pythons

ROOT = Path(__file__).parents[3]
NEEDED = "racetrace needs CPython 3.11 to 3.15 with the GIL; this is "


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (("cpython", (3, 10), ""), "CPython 3.10"),
        (("cpython", (3, 16), ""), "CPython 3.16"),
        (("cpython", (3, 14), "t"), "CPython 3.14 without the GIL"),
        (("pypy", (3, 11), ""), "PyPy 3.11"),
    ],
)
def test_another_python_is_refused(found: tuple[str, tuple[int, int], str], said: str) -> None:
    assert pythons.refusal(*found) == NEEDED + said


@pytest.mark.parametrize("minor", [11, 12, 13, 14, 15])
def test_no_known_python_is_refused(minor: int) -> None:
    assert pythons.refusal("cpython", (3, minor), "") is None


def test_this_one_is_known() -> None:
    assert pythons.refusal_of_this() is None


def test_the_command_says_so_before_it_needs_the_core() -> None:
    other = (
        "import sys; sys.implementation.name = 'pypy';"
        "sys.modules['racetrace.tracer._core'] = None\n"
    )
    start = "from tracer.commands import main; main()"
    command = [sys.executable, "-c", other + start, "run", "x.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"trace: error: {NEEDED}PyPy 3.")
    assert done.returncode == 2


@pytest.mark.one_version
def test_metadata_and_the_core_say_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (_, first), (_, last) = pythons.FIRST, pythons.LAST
    assert project["requires-python"] == f">=3.{first},<3.{last + 1}"
    kinds = "Programming Language :: Python :: 3."
    named = [line.removeprefix(kinds) for line in project["classifiers"] if line.startswith(kinds)]
    assert named == [str(minor) for minor in range(first, last + 1)]
    build = (ROOT / "core" / "build.rs").read_text()
    assert f"(3, {first})..=(3, {last})" in build
    assert NEEDED in build
