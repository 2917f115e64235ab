"""What the system tells of its resources is an input (`core/src/inputs`)."""

from __future__ import annotations

import resource
from typing import Final

from .. import _core
from .edits import Table

_core.record.record_inputs_of(resource)

PATCHES: Final[Table] = []
