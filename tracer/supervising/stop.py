"""When the run was told to end from outside, by which signals, and where in its log that was."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

from .. import _core

_ENDING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL})
"""The others tell a program something, but do not ask it to end."""


class Stop:
    """The signals that ask the run to end, as the supervisor passes them on."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool
        self._seq = 0
        self.signals: list[int] = []

    def note(self, number: int) -> None:
        """The signal `number` is about to be passed on, or has gone to the whole process group."""
        if number not in _ENDING:
            return
        if not self.signals:
            with suppress(OSError):
                self._seq = _core.record.next_seq(self._spool)
        self.signals.append(int(number))

    def fields(self) -> dict[str, object]:
        """What the trace's header says of it: nothing if there was none."""
        if not self.signals:
            return {}
        return {"stopped": {"signals": self.signals, "seq": self._seq}}
