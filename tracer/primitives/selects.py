"""What `select.select`, `poll` and `epoll` find is a step (`core/src/traffic`)."""

from __future__ import annotations

from typing import Final

from tracer import _core
from tracer.primitives.rewriting import Patch

_core.record_polls()

PATCHES: Final[list[Patch]] = []
