"""Schedules as texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import UsageError
from tracer.runs.schedule import Schedule, Switch

PATHS = st.from_regex(r"(main([./]p?[0-9]+)*)?", fullmatch=True)
SWITCHES = st.builds(Switch, PATHS, st.integers(0, 2**32 - 1), PATHS)


@given(st.builds(Schedule, st.lists(SWITCHES).map(tuple), st.booleans()))
def test_a_text_comes_back(schedule: Schedule) -> None:
    assert Schedule.parse(str(schedule)) == schedule


def test_a_text_is_short() -> None:
    schedule = Schedule((Switch("main.1", 3, "main"), Switch("main", 5, "main/p1")))
    assert str(schedule) == "main.1@3>main,main@5>main/p1"
    assert str(schedule._replace(late=True)) == "late,main.1@3>main,main@5>main/p1"
    assert str(Schedule()) == ""


@pytest.mark.parametrize(
    "text", ["main", "main@>main", "main@x>main", "main@1", "main@-1>main", f"a@{2**32}>b", "late?"]
)
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no switch of a schedule"):
        Schedule.parse(text)
