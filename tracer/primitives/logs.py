"""logging: in which order the threads' records go through a handler.

What a handler does with a record may be in no event (it writes into a file, or into a StringIO), so
a STEP in its lock says whose turn it is.
"""

from __future__ import annotations

import logging
from typing import Final

from .edits import Table, before, edited
from .steps import Steps

_HANDLED: Final = Steps("log")


def _handling() -> None:
    _HANDLED.record()


PATCHES: Final[Table] = [edited(logging.Handler.handle, before("self.emit(record)", _handling, ""))]
