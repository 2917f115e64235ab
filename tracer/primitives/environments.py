"""Variables that are asked of `os.environ` are inputs: `core/src/inputs/environment.rs`."""

from __future__ import annotations

import os
from typing import Final

from .. import _core
from .edits import Table, at_start, edited

_Environ: Final = type(os.environ)

PATCHES: Final[Table] = [
    edited(_Environ.__getitem__, at_start(_core.record.environment_read, "self._data, key")),
    edited(_Environ.__setitem__, at_start(_core.record.environment_written, "key")),
    edited(_Environ.__delitem__, at_start(_core.record.environment_deleted, "self._data, key")),
    *(  # not every Python has it as a method of its own
        [edited(_Environ.clear, at_start(_core.record.environment_emptied, ""))]
        if "clear" in vars(_Environ)
        else []
    ),
]
