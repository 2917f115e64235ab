"""What the system tells of its resources is an input (`core/src/inputs`)."""

from __future__ import annotations

import resource
from typing import Final

from tracer import _core
from tracer.primitives.edits import Table

_core.record.record_inputs_of(resource)

PATCHES: Final[Table] = []
