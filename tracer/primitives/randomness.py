"""OpenSSL's random numbers are inputs (`core/src/inputs`)."""

from __future__ import annotations

import _ssl
from typing import Final

from .. import _core
from .edits import Table

_core.record.record_inputs_of(_ssl)

PATCHES: Final[Table] = []
