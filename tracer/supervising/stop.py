"""When the run was told to end from outside, by which signals, and where in its log that was."""

from __future__ import annotations

import signal
import struct
from contextlib import suppress
from pathlib import Path

_ENDING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL})
"""The others tell a program something, but do not ask it to end."""

_NEXT_SEQ = 8  # where the page of the spool has the next sequence number


class Stop:
    """The signals that ask the run to end, as the supervisor passes them on."""

    def __init__(self, spool: Path) -> None:
        self._page = spool / "page"
        self._seq = 0
        self.signals: list[int] = []

    def note(self, number: int) -> None:
        """The signal `number` is about to be passed on, or has gone to the whole process group."""
        if number not in _ENDING:
            return
        if not self.signals:
            # Before the program has made its page, nothing has happened.
            with suppress(OSError, struct.error), open(self._page, "rb") as page:
                page.seek(_NEXT_SEQ)
                (self._seq,) = struct.unpack("<Q", page.read(8))
        self.signals.append(int(number))

    def fields(self) -> dict[str, object]:
        """What the trace's header says of it: nothing if there was none."""
        if not self.signals:
            return {}
        return {"stopped": {"signals": self.signals, "seq": self._seq}}
