"""What `select.select`, `poll` and `epoll` find is a step (`core/src/traffic`)."""

from __future__ import annotations

from typing import Final

from .. import _core
from .edits import Table

_core.primitives.record_polls()

PATCHES: Final[Table] = []
