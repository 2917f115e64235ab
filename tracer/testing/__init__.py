"""What tests of concurrent code need: assertions about a trace, and traces as tests.

The pytest plugin (`racetrace.pytest_plugin`) is the door to the rest of this room.
"""

from .assertions import (
    assert_concurrent,
    assert_happens_before,
    assert_no_findings,
    assert_no_races,
)

__all__ = [
    "assert_concurrent",
    "assert_happens_before",
    "assert_no_findings",
    "assert_no_races",
]
