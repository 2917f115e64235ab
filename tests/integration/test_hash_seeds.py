"""Hashes of strings are random, or not, as the user has asked for; and as recorded in a replay."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import TRACE

import tracer

pytestmark = pytest.mark.one_version

PROGRAM = """
import multiprocessing, os, subprocess, sys

def tell():
    words = {str(number) for number in range(30)}
    print(sys.flags.hash_randomization, os.environ.get("PYTHONHASHSEED"), *words, flush=True)

if __name__ == "__main__":
    tell()
    for method in ("fork", "spawn"):
        process = multiprocessing.get_context(method).Process(target=tell)
        process.start()
        process.join()
    shown = "import os; print(os.environ.get('PYTHONHASHSEED'))"
    subprocess.run([sys.executable, "-c", shown], env=dict(os.environ))
"""


def said(folder: Path, *command: str, seed: str | None = None) -> list[str]:
    (folder / "p.py").write_text(PROGRAM)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONHASHSEED"}
    if seed is not None:
        environment["PYTHONHASHSEED"] = seed
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


RUN = [*TRACE[1:], "run", "--force", "-o", "t.msgpack"]


@pytest.mark.parametrize("seed", ["0", "1", "123456"])
def test_the_seed_of_the_user(tmp_path: Path, seed: str) -> None:
    assert said(tmp_path, *RUN, "p.py", seed=seed) == said(tmp_path, "p.py", seed=seed)
    assert tracer.load(tmp_path / "t.msgpack").header["hash_seed"] == int(seed)


@pytest.mark.parametrize("seed", [None, "random"])
def test_no_seed_of_the_user(tmp_path: Path, seed: str | None) -> None:
    first, second = (said(tmp_path, *RUN, "p.py", seed=seed) for _ in range(2))
    assert first[0] != second[0]  # of as many orders as 30 words have
    assert all(line.startswith(f"1 {seed} ") for line in [*first[:3], *second[:3]])
    assert first[3] == second[3] == str(seed)
    replayed = said(tmp_path, *TRACE[1:], "replay", "t.msgpack", seed="0")
    assert replayed == second


def test_a_seed_of_the_schedule_is_one_of_the_hashes(tmp_path: Path) -> None:
    runs = [said(tmp_path, *RUN, "--seed", seed, "p.py") for seed in ("4", "4", "5")]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    assert runs[0][0].startswith("1 None ")


@pytest.mark.parametrize("flags", [["-E"], ["-I"], ["-R"], ["-BR"]])
def test_an_interpreter_that_draws_its_own(tmp_path: Path, flags: list[str]) -> None:
    ours = said(tmp_path, *flags, *RUN, "p.py")
    assert ours[0].startswith("1 None ")
    assert "hash_seed" not in tracer.load(tmp_path / "t.msgpack").header


@pytest.mark.parametrize("flags", [["-B"], ["-WignoreR"], ["-W", "ignore"], ["-X", "utf8=0"]])
def test_an_interpreter_that_is_given_one(tmp_path: Path, flags: list[str]) -> None:
    said(tmp_path, *flags, *RUN, "p.py")
    assert tracer.load(tmp_path / "t.msgpack").header["hash_seed"] != 0
