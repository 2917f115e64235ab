"""A run's control travels to its processes as text."""

from __future__ import annotations

import pytest

from tracer.runs.control import Control


@pytest.mark.parametrize(
    "control",
    [
        Control(),
        Control("pct", 2**64 - 1, depth=7, length=42),
        Control("replay", trace="/tmp/a:b/t.msgpack", follow=True, lone_reads=True),
        Control(
            "replay",
            trace="/t.msgpack",
            breakpoint="a.module/3,4,-1",
            supervisor=9,
        ),
    ],
)
def test_it_comes_back_as_it_was(control: Control) -> None:
    assert Control.parse(str(control)) == control


def test_the_header_says_what_decides_the_run() -> None:
    assert Control("random", 3).fields() == {"strategy": "random", "seed": 3}
    assert Control("pct", 3).fields() == {"strategy": "pct", "seed": 3, "depth": 3, "length": 1000}
    assert Control("replay", trace="t").fields() == {
        "strategy": "replay",
        "trace": "t",
        "follow": False,
    }
