"""What the pytest plugin costs a suite that does not use it."""

from __future__ import annotations

import statistics

from .measure import Bench

_IMPORT = """
import time, pytest, _pytest.assertion.rewrite
before = time.perf_counter()
import racetrace.pytest_plugin
print(time.perf_counter() - before)
"""


def measure(bench: Bench) -> None:
    print("The pytest plugin in a suite that does not use it")
    took = [float(bench.ask(_IMPORT)) * 1e3 for _ in range(15)]
    print(f"importing it: {statistics.median(took):.1f} ms (from {min(took):.1f})")
