"""Iterators that `threading` serializes: their locks are the program's, for what one thread does in
`next` comes before what another does there."""

from __future__ import annotations

import threading
from typing import Any, Final

from .. import _core
from ..versions import since
from .edits import Table, after, edited

_threading: Final[Any] = threading
_track: Final = _core.interpreter.untraced(lambda lock: _core.primitives.track_lock(lock, 0))

PATCHES: Final[Table] = since(
    "3.15",
    lambda: [
        edited(
            _threading.serialize_iterator.__init__,
            after("self._lock = Lock()", _track, "self._lock"),
        ),
        edited(
            _threading._concurrent_tee.__init__,
            after("self.lock = Lock()", _track, "self.lock"),
        ),
    ],
)
