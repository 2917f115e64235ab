"""Names of temporary files. Under control a run draws the same ones each time, so what earlier runs
left is in its way: it tries on, where some Pythons give up after twenty."""

from __future__ import annotations

import tempfile
from typing import Any, Final

from .edits import Table, edited, heading, only_controlled

TRIES: Final = 10_000

_Any: Final[Any] = tempfile


def _enough(tries: range) -> range:
    return range(max(len(tries), TRIES))


PATCHES: Final[Table] = [
    edited(function, only_controlled(heading("for seq in range(TMP_MAX)", _enough, "value")))
    for function in (_Any.mkdtemp, _Any.mktemp, _Any._mkstemp_inner)
]
