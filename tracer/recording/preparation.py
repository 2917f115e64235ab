"""What begins the recording in a process that multiprocessing spawns, which unpickles it first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..runs.internal import FOLDER

# In a child that cannot be recorded (another Python) the program runs on, unrecorded.
_ENTER: Final = """
import sys
sys.path.append(folder)
try:
    from racetrace.tracer.recording.spawned import enter
except ImportError:
    pass
else:
    enter(**options)
finally:
    if folder in sys.path:
        sys.path.remove(folder)
"""


class Entry:
    """What starts the recording in the process that unpickles it."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return exec, (_ENTER, {"folder": FOLDER, "options": self._options})
