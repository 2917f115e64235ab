"""Looks into wheels, installs each as a user does, in a fresh environment away from the checkout,
and takes the README's tour there.

    python tests/distribution/check.py dist/*.whl

Each wheel is tried with the Python that its name says, where this machine has it, in PATH or pyenv;
a wheel for another machine is only looked into. Exits with 1 if anything is not as it should be.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"

MACHINES = {"x86_64": 62, "aarch64": 183}  # as ELF numbers them

TEST = """
import threading

import pytest

num = 0


def work():
    global num
    taken = num
    num = taken + 1


@pytest.mark.trace
def test_two_threads():
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


class Failed(Exception):
    """A step of the tour did not do what the README says."""


def look(wheel: Path) -> None:
    """Raise Failed if the wheel's core is not what its name says."""
    tags = re.findall(r"manylinux_2_(\d+)_(x86_64|aarch64)", wheel.name)
    if not tags:
        raise Failed(f"{wheel.name}: not a wheel for manylinux")
    oldest, machine = min(int(minor) for minor, _ in tags), tags[0][1]
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        cores = [name for name in names if re.match(r"tracer/_core\..*\.so$", name)]
        if len(cores) != 1:
            raise Failed(f"{wheel.name}: {len(cores)} cores")
        core = archive.read(cores[0])
    if int.from_bytes(core[18:20], "little") != MACHINES[machine]:
        raise Failed(f"{wheel.name}: {cores[0]} is for another machine")
    if b"\0.symtab\0" in core:
        raise Failed(f"{wheel.name}: {cores[0]} is not stripped")
    newest = max(int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", core))
    if newest > oldest:
        raise Failed(f"{wheel.name}: {cores[0]} wants glibc 2.{newest}")
    for wanted in ("tracer/py.typed", "racetrace/pytest_plugin.py", "tracer/_core/record.pyi"):
        if wanted not in names:
            raise Failed(f"{wheel.name}: without {wanted}")
    if not any(name.endswith("licenses/LICENSE") for name in names):
        raise Failed(f"{wheel.name}: without the licence")


def interpreter(wheel: Path) -> Path | None:
    """The Python on this machine that the wheel is for."""
    found = re.search(r"-cp3(\d+)-cp3\d+-.*linux.*_(\w+?)\.whl$", wheel.name)
    if found is None or not wheel.stem.endswith(platform.machine()):
        return None
    name = f"python3.{found[1]}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(name), *sorted(pyenv.glob(f"3.{found[1]}.*/bin/python"))]
    for candidate in candidates:
        if candidate and _runs(candidate, name):
            return Path(candidate)
    return None


def _runs(python: str | Path, name: str) -> bool:
    """A shim of pyenv is in PATH whether or not that version is chosen."""
    version = "import sys; print('python%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", version], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.strip() == name


class Tour:
    """A fresh environment with the wheel, and a folder to work in."""

    def __init__(self, wheel: Path, python: Path, folder: Path) -> None:
        self.bin = folder / "venv" / "bin"
        self.work = folder / "work"
        self.work.mkdir()
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self.environ["PATH"] = f"{self.bin}:/usr/bin:/bin"
        environment = [python, "-m", "venv", folder / "venv"]
        if shutil.which("virtualenv"):  # Debian's Pythons have no venv of their own
            environment = ["virtualenv", "-q", "-p", python, folder / "venv"]
        subprocess.run(environment, check=True)
        install = [self.bin / "python", "-m", "pip", "install", "-q", wheel.resolve(), "pytest"]
        subprocess.run(install, check=True, env=self.environ)

    def run(self, command: str, *, status: int = 0, says: str = "") -> str:
        """Run a line of the README; its output."""
        done = subprocess.run(
            command.split(),
            cwd=self.work,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        if done.returncode != status or not re.search(says, done.stdout):
            raise Failed(f"$ {command}\n{done.stdout}exit status {done.returncode}")
        return done.stdout

    def take(self) -> None:
        """What the README shows, in its order."""
        program = re.search(
            r"```python\n(import threading, time\n.*?)```", README.read_text(), re.S
        )
        assert program is not None
        (self.work / "race.py").write_text(program[1])
        self.run("trace run race.py", says=r"final \d+\n(.*\n)*trace: Lost update on num")
        self.run("trace check traces/race.msgpack", status=1, says="Lost update on global `num`")
        self.run("trace show traces/race.msgpack", says=r"read num → 100")
        self.run("trace show traces/race.msgpack --graph race.svg", says=r"graph: race\.svg")
        picture = (self.work / "race.svg").read_text()
        if "overwrites" not in picture:
            raise Failed(f"race.svg:\n{picture}")
        self.run("trace replay traces/race.msgpack", says="as recorded")
        self.run("racetrace run -o again.msgpack race.py", says="trace: again.msgpack: ")
        self.run("python -m tracer diff traces/race.msgpack again.msgpack", status=1)
        (self.work / "test_race.py").write_text(TEST)
        self.run("pytest -p no:cacheprovider test_race.py", says="Lost update on num")
        self.run("trace check --save-expected traces/race.msgpack", says="1 kept")
        self.run("pytest -p no:cacheprovider --traces traces", says="1 passed")
        self.run("trace check --save-expected --fixed traces/race.msgpack", says="1 kept")
        self.run("pytest -p no:cacheprovider --traces traces", status=1, says="still there: Lost")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", nargs="+", type=Path)
    failed = 0
    for wheel in parser.parse_args().wheels:
        try:
            look(wheel)
            print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB, {_tried(wheel)}", flush=True)
        except Failed as error:
            failed += 1
            print(f"failed: {error}", flush=True)
    return 1 if failed else 0


def _tried(wheel: Path) -> str:
    """Take the tour with the wheel; where, or why not."""
    python = interpreter(wheel)
    if python is None:
        return "looked into only: no Python for it on this machine"
    with tempfile.TemporaryDirectory() as folder:
        Tour(wheel, python, Path(folder)).take()
    return f"installed and tried with {python}"


if __name__ == "__main__":
    sys.exit(main())
