"""Traces replay on other versions of Python than the one that recorded them, and back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from commandline import OF_THREADS, TUTORIAL, environment

ROOT = Path(__file__).parent.parent.parent
VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"


def python(version: str) -> str:
    """The interpreter of an environment that `make test VENV=.venv-VERSION` has made."""
    if version == OWN:
        return sys.executable
    for name in (f".venv-{version}", ".venv"):
        found = ROOT / name / "bin" / "python"
        if not found.exists():
            continue
        check = "import sys, tracer; print(sys.version[:4])"
        done = subprocess.run([found, "-c", check], capture_output=True, text=True)
        if done.stdout.strip() == version:
            return str(found)
    pytest.skip(f"no environment of Python {version}: make all VENV=.venv-{version} PYTHON=…")


@pytest.mark.parametrize("name", sorted({*OF_THREADS} - {"traffic_light"}))
@pytest.mark.parametrize("other", [version for version in VERSIONS if version != OWN])
def test_a_trace_of_one_version_replays_on_another(tmp_path: Path, other: str, name: str) -> None:
    there, here = python(other), sys.executable
    for number, (recording, replaying) in enumerate(((here, there), (there, here))):
        file = str(tmp_path / f"{number}.msgpack")
        program = str(TUTORIAL / f"{name}.py")
        for command in (
            [recording, "-m", "racetrace", "run", "-o", file, program],
            [replaying, "-m", "racetrace", "replay", file],
        ):
            done = subprocess.run(
                command, env=environment(), capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0, done.stderr
