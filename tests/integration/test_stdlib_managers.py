"""CPython's own tests of managers pass while everything they do is recorded."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from test_processes import METHODS
from test_stdlib_primitives import assert_same_outcomes

CLASSES = (
    "TestSyncManagerTypes",
    "WithManagerTestContainers",
    "WithManagerTestEvent",
    "WithManagerTestLock",
    "WithManagerTestManagerRestart",
    "WithManagerTestMyManager",
    "WithManagerTestQueue",
    "WithManagerTestRemoteManager",
    "WithManagerTestSemaphore",
)
SLOW = ("WithManagerTestBarrier", "WithManagerTestCondition", "WithManagerTestPool")

# Some Pythons come without the modules that make these tests for each start method.
MODULE = """
from test import _test_multiprocessing
_test_multiprocessing.install_tests_in_module_dict(globals(), {!r})
"""


@pytest.mark.skipif(
    importlib.util.find_spec("test._test_multiprocessing") is None,
    reason="this Python has no test package",
)
@pytest.mark.parametrize(
    ("method", "classes"), [*((method, CLASSES) for method in METHODS), ("fork", SLOW)]
)
def test_cpythons_own_tests(
    tmp_path: Path, method: str, classes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "managers_of.py").write_text(MODULE.format(method))
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert_same_outcomes([f"managers_of.{name}" for name in classes], spool, tmp_path)
    # Servers have acted for callers.
    assert list(spool.glob("p*.t*.p*.t*.events"))
