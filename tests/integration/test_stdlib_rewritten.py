"""The standard library's own tests of the language give the same results rewritten."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = """
import importlib, json, sys, unittest
name, spool = sys.argv[1:]
if spool:
    from tracer import _core
    from tracer.instrument import importhook
    _core.record.start(spool, 1, "main", True)
    importhook.install([], [name])
module = importlib.import_module(name)
if spool:
    assert "source_to_code" in vars(module.__spec__.loader)
outcomes = {}
class Result(unittest.TestResult):
    def addSuccess(self, test): outcomes[test.id()] = "success"
    def addSkip(self, test, reason): outcomes[test.id()] = "skip"
    def addExpectedFailure(self, test, error): outcomes[test.id()] = "expected failure"
    def addFailure(self, test, error):
        outcomes[test.id()] = "failure: " + self._exc_info_to_string(error, test)
    addError = addFailure
    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.addFailure(test, error)
unittest.defaultTestLoader.loadTestsFromModule(module).run(Result())
if spool:
    _core.record.stop()
json.dump(outcomes, sys.stdout)
"""

NAMES = [
    "asyncgen",
    "augassign",
    "class",
    "collections",
    "contextlib",
    "copy",
    "coroutines",
    "dataclasses",
    "descr",
    "dict",
    "enum",
    "fstring",
    "functools",
    "generators",
    "grammar",
    "list",
    "named_expressions",
    "patma",
    "scope",
    "super",
    "typing",
    "unpack",
    "with",
]


def outcomes(name: str, spool: str, folder: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, name, spool],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    if spool:
        assert b"could not be rewritten" not in Path(spool, "p1.defs").read_bytes()
    result: dict[str, str] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("name", NAMES)
def test_same_outcomes(name: str, tmp_path: Path) -> None:
    module = f"test.test_{name}"
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"this Python has no {module}")
    spool = tmp_path / "spool"
    spool.mkdir()
    plain = outcomes(module, "", tmp_path)
    assert plain
    assert outcomes(module, str(spool), tmp_path) == plain
