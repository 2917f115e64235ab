"""CPython's own tests of its primitives pass while everything they do is recorded."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import os, sys, unittest
spool, *names = sys.argv[1:]
if spool:
    from tracer import _core
    from tracer.recording.session import Session
    session = Session(spool, memory=False)
    assert _core.record.recording()
suite = unittest.defaultTestLoader.loadTestsFromNames(names)
result = unittest.TextTestRunner(verbosity=0).run(suite)
print("ran", result.testsRun, "skipped", len(result.skipped))
print("failed", *(test.id().replace(" ", "_") for test, _ in [*result.failures, *result.errors]))
if spool:
    session.stop()
"""

# What these tests check is not the primitives; they are slow or start processes.
SUITES = [
    ["test.test_queue"],
    ["test.test_thread", "test.test_threading_local", "test.test_sched"],
    [
        f"test.test_threading.{name}"
        for name in (
            "LockTests",
            "PyRLockTests",
            "CRLockTests",
            "EventTests",
            "ConditionAsRLockTests",
            "ConditionTests",
            "SemaphoreTests",
            "BoundedSemaphoreTests",
            "BarrierTests",
            "TimerTests",
            "ExceptHookTests",
            "ThreadingExceptionTests",
            "ThreadTests",
        )
    ],
]


# Of the tests of multiprocessing, which are made for a start method and whole take minutes, those
# that are quick. All but those of managers were compared once for every method.
PROCESSES = {
    "fork": (
        "WithProcessesTestLock",
        "WithProcessesTestSemaphore",
        "WithProcessesTestEvent",
        "WithProcessesTestValue",
        "WithProcessesTestArray",
        "WithProcessesTestSharedCTypes",
        "WithProcessesTestSharedMemory",
        "WithProcessesTestConnection",
        "WithProcessesTestQueue",
        "WithProcessesTestPoolWorkerErrors",
        "WithProcessesTestSubclassingProcess",
        "WithThreadsTestConnection",
        "WithThreadsTestPool",
        "WithThreadsTestQueue",
        "TestInitializers",
        "TestSimpleQueue",
    ),
    "spawn": ("WithProcessesTestValue",),
}
# WithThreadsTestPool.test_terminate: until 3.13 it lasts five minutes, untraced too, where a thread
# of the pool has begun its first task before the pool is terminated.
MADE = """
import sys, test._test_multiprocessing
test._test_multiprocessing.install_tests_in_module_dict(globals(), {method!r})
if sys.version_info < (3, 13):
    WithThreadsTestPool.test_terminate = None
"""


def assert_same_outcomes(names: list[str], spool: Path, folder: Path) -> None:
    """The tests fail where they fail untraced. Many of them time themselves: one that fails in one
    way only may have lacked a processor, and is tried again, by itself."""
    plain, recorded = started("", names, folder), started(str(spool), names, folder)
    ran, expected = outcome(plain)
    assert not ran.startswith("ran 0")
    ran_recorded, failed = outcome(recorded)
    assert ran_recorded == ran
    for number in range(2):
        if differs := sorted(failed ^ expected):
            again = spool.with_name(f"again{number}")
            again.mkdir()
            failed = outcome(started(str(again), differs, folder))[1]
            expected = outcome(started("", differs, folder))[1]
    assert failed == expected


def started(spool: str, names: list[str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", RUN, spool, *names],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(run: subprocess.Popen[str]) -> tuple[str, set[str]]:
    """How many tests ran, and which failed."""
    output, errors = run.communicate(timeout=240)
    found = re.search(r"^(ran .*)\nfailed(.*)$", output, re.M)
    assert found, errors
    return found[1], set(found[2].split())


@pytest.mark.skipif(
    importlib.util.find_spec("test.lock_tests") is None, reason="this Python has no test package"
)
@pytest.mark.parametrize("names", SUITES, ids=lambda names: names[0])
def test_cpythons_own_tests(names: list[str], tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    assert_same_outcomes(names, spool, tmp_path)
    assert list(spool.glob("*.events"))


@pytest.mark.skipif(
    importlib.util.find_spec("test._test_multiprocessing") is None,
    reason="this Python has no test package",
)
@pytest.mark.parametrize("method", PROCESSES)
def test_cpythons_own_tests_of_processes(method: str, tmp_path: Path) -> None:
    (tmp_path / "processes.py").write_text(MADE.format(method=method))
    spool = tmp_path / "spool"
    spool.mkdir()
    assert_same_outcomes([f"processes.{name}" for name in PROCESSES[method]], spool, tmp_path)
    assert len(list(spool.glob("*.defs"))) > 2
