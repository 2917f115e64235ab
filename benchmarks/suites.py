"""Test suites of PyPI packages, recorded whole: what a maintainer would wait for.

The packages' sources are downloaded from PyPI; where that fails, the suite is left out, which is
said.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import NamedTuple

from .measure import Bench, Command, on_one_processor, program_peak


class Suite(NamedTuple):
    """A package of PyPI; `source` is where its modules are, `needs` are what its tests import."""

    name: str
    version: str
    source: str
    tests: str
    needs: tuple[str, ...] = ()

    def fetch(self, folder: Path, python: str) -> Path:
        """Its sources with its tests, and what that interpreter needs for them. Raises
        CalledProcessError if they cannot be had."""
        pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "-q"]
        wanted = f"{self.name}=={self.version}"
        options = ["--no-deps", "--no-binary", ":all:", "-d", str(folder)]
        subprocess.run([*pip, "download", *options, wanted], check=True, capture_output=True)
        if self.needs:
            target = ["--target", str(folder / "needs")]
            subprocess.run([*pip, "install", *target, *self.needs], check=True, capture_output=True)
        unpacked = folder / f"{self.name}-{self.version}"
        with tarfile.open(f"{unpacked}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        return unpacked


SUITES = (
    Suite("bottle", "0.13.4", ".", "test"),
    Suite("cachetools", "8.0.2", "src", "tests"),
    Suite("tenacity", "9.2.1", ".", "tests", ("tornado", "typeguard")),
)


def measure(bench: Bench) -> None:
    print("Test suites of packages, with the writing of the trace, times plain pytest")
    for suite in SUITES:
        place = Path(bench.folder, suite.name)
        place.mkdir()
        try:
            unpacked = suite.fetch(place, bench.python)
        except (subprocess.CalledProcessError, tarfile.TarError) as error:
            print(f"{suite.name}: left out, it cannot be had: {error}")
            continue
        tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", suite.tests]
        # What a suite finds in the first run, it has in all others.
        traced = [bench.trace, "run", "--force", "-o", str(place / "suite.msgpack"), *tests]
        plain = [bench.python, *tests]
        path = os.pathsep.join([str(unpacked / suite.source), str(place / "needs")])
        with _in(unpacked, path):
            _used(traced)  # what is compiled is kept from now on
            label = f"the tests of {suite.name} {suite.version}"
            bench.ratio(label, traced, plain, _used, pairs=3)
            bench.ratio(f"{label}, memory", traced, plain, program_peak, 1, "MiB")


@contextmanager
def _in(folder: Path, path: str) -> Iterator[None]:
    """What is run meanwhile is run there, with that PYTHONPATH."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = path
    try:
        with chdir(folder):
            yield
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _used(command: Command) -> float:
    """The processor time of the command and its children (s)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, preexec_fn=on_one_processor)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
