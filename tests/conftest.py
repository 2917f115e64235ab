"""For all tests: programs are interrupted in them as from a terminal."""

from __future__ import annotations

import os
import signal

import pytest

# The rooms that work on traces only.
ROOMS = {"analysis", "fileformat", "reporters", "testing"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "one_version: says the same on every Python; .ci/run runs it on one"
    )
    # As users have it: the interpreters that tests start find what earlier ones have compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Where these say that it is CI, the pytest that tests start prints each failure twice in full.
    os.environ.pop("CI", None)
    os.environ.pop("BUILD_NUMBER", None)
    # A suite that a shell started in the background ignores SIGINT, and so would what it starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        # What depends on the version is told by `fork` and `spawn`.
        if item.path.parent.name in ROOMS or "forkserver" in parameters:
            item.add_marker(pytest.mark.one_version)
