"""OpenSSL's random numbers are inputs (`core/src/inputs`)."""

from __future__ import annotations

import _ssl
from typing import Final

from tracer import _core
from tracer.primitives.edits import Table

_core.record.record_inputs_of(_ssl)

PATCHES: Final[Table] = []
