"""Looks into wheels and the source distribution, installs each wheel as a user does, in a fresh
environment away from the checkout, and tries there what the README says (`tour.py`).

    python tests/distribution/check.py dist/*

Each wheel is tried with the Python that its name says, where this machine has it: in PATH, in pyenv
or where `.ci/install-python` keeps it. A wheel for another machine is only looked into. Exits
with 1 if anything is not as it should be.
"""

from __future__ import annotations

import argparse
import email
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from tour import Failed, Tour

MACHINES = {"x86_64": 62, "aarch64": 183}  # as ELF numbers them


def look(wheel: Path) -> None:
    """Raise Failed if the wheel is not what its name says, or lacks something."""
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
        (metadata,) = (archive.read(name) for name in names if name.endswith("/METADATA"))
    if f"-{machine}-linux-gnu.so" not in cores[0] or _machine(core) != MACHINES[machine]:
        raise Failed(f"{wheel.name}: {cores[0]} is for another machine")
    if b"\0.symtab\0" in core:
        raise Failed(f"{wheel.name}: {cores[0]} is not stripped")
    newest = max(int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", core))
    if newest > oldest:
        raise Failed(f"{wheel.name}: {cores[0]} wants glibc 2.{newest}")
    wanted = ("tracer/py.typed", "racetrace/pytest_plugin.py", "tracer/_core/record.pyi")
    _has(wheel, names, *wanted, "licenses/LICENSE", "entry_points.txt")
    foreign = [name for name in names if not re.match(r"tracer/|racetrace[/-]", name)]
    if foreign or any("__pycache__" in name for name in names):
        raise Failed(f"{wheel.name}: also has {foreign or 'compiled files'}")
    _describes(wheel, metadata)


def look_into_source(file: Path) -> None:
    """Raise Failed if the source distribution lacks something."""
    with tarfile.open(file) as archive:
        names = archive.getnames()
        top = names[0].partition("/")[0]
        (metadata,) = (
            found.read()
            for name in names
            if name == f"{top}/PKG-INFO" and (found := archive.extractfile(name))
        )
    own = ["pyproject.toml", "Cargo.lock", "core/Cargo.toml", "core/build.rs", "core/src/lib.rs"]
    words = ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "docs/limits.md"]
    tests = ["Makefile", "tests/conftest.py", "tests/unit/test_trace.py", "scenarios/queues.py"]
    recorded = ["traces/lost_update.msgpack", "benchmarks/__main__.py"]
    _has(file, names, *(f"{top}/{name}" for name in (*own, *words, *tests, *recorded)))
    if made := [name for name in names if name.endswith((".so", ".pyc"))]:
        raise Failed(f"{file.name}: has {made[0]}")
    _describes(file, metadata)


def _machine(core: bytes) -> int:
    return int.from_bytes(core[18:20], "little")


def _has(file: Path, names: list[str], *wanted: str) -> None:
    for one in wanted:
        if not any(name.endswith(one) for name in names):
            raise Failed(f"{file.name}: without {one}")


def _describes(file: Path, metadata: bytes) -> None:
    """Raise Failed if the metadata has not what PyPI shows."""
    fields = email.message_from_bytes(metadata)
    for name in ("Summary", "Keywords", "License-Expression", "License-File", "Project-URL"):
        if not fields.get(name):
            raise Failed(f"{file.name}: no {name}")
    if not fields.get_payload() or "markdown" not in fields.get("Description-Content-Type", ""):
        raise Failed(f"{file.name}: no README")


def interpreter(wheel: Path) -> Path | None:
    """The Python on this machine that the wheel is for."""
    found = re.search(r"-cp3(\d+)-cp3\d+-.*linux.*_(\w+?)\.whl$", wheel.name)
    if found is None or not wheel.stem.endswith(platform.machine()):
        return None
    name = f"python3.{found[1]}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "racetrace"
    beside = [*pyenv.glob(f"3.{found[1]}.*/bin/python"), cache / name / "bin" / name]
    for candidate in (shutil.which(name), *sorted(beside)):
        if candidate and Path(candidate).exists() and _runs(candidate, name):
            return Path(candidate)
    return None


def _runs(python: str | Path, name: str) -> bool:
    """A shim of pyenv is in PATH whether or not that version is chosen."""
    version = "import sys; print('python%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", version], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.strip() == name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="wheels, and a source distribution")
    failed = 0
    for file in parser.parse_args().files:
        try:
            print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB, {_tried(file)}", flush=True)
        except Failed as error:
            failed += 1
            print(f"failed: {error}", flush=True)
    return 1 if failed else 0


def _tried(file: Path) -> str:
    """Look into the file and take the tour with a wheel; where, or why not."""
    if file.suffix != ".whl":
        look_into_source(file)
        return "looked into"
    look(file)
    python = interpreter(file)
    if python is None:
        return "looked into only: no Python for it on this machine"
    with tempfile.TemporaryDirectory() as folder:
        Tour(file, python, Path(folder)).take()
    return f"installed and tried with {python}"


if __name__ == "__main__":
    sys.exit(main())
