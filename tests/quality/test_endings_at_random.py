"""Programs that are interrupted, terminated and killed at moments that nobody has chosen."""

from __future__ import annotations

import pytest
from endings import Ending, end, endings


@pytest.mark.parametrize("ending", endings(14, seed=1), ids=str)
def test_nothing_is_lost_and_nothing_is_left(ending: Ending) -> None:
    outcome = end(ending)
    assert not outcome.wrong, f"{outcome.kind}: {outcome.wrong}"
