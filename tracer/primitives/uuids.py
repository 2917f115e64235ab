"""What libuuid makes of the time is an input (`core/src/inputs`)."""

from __future__ import annotations

import _uuid  # type: ignore[import-not-found]
from typing import Final

from .. import _core
from .edits import Table

_core.record.record_inputs_of(_uuid)

PATCHES: Final[Table] = []
