"""Trace: one recorded run, loaded, with the questions that `analysis` answers of it."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import InconclusiveWarning
from .events import Event, Finding
from .log import Log

if TYPE_CHECKING:
    from .analysis import Verdict


def load(path: str | PathLike[str]) -> Trace:
    """Open the trace file at `path`.

    Raises TraceFileError if it is not a trace file or is damaged. A file that was cut off opens up
    to its last whole block of events; `Trace.truncated` then says what is missing.
    """
    from .fileformat import read

    return Trace(*read(path), Path(path))


class Trace(Log):
    """One recorded run, with what a `Log` has: its header, its events, and the threads, objects,
    locations and sites that they are about."""

    def happens_before(self, a: Event | int, b: Event | int) -> bool:
        """Whether `a` is ordered before `b` (events or sequence numbers) in every interleaving
        that respects program order and the synchronization of this run."""
        from . import analysis

        return analysis.happens_before(self, _seq(a), _seq(b))

    def concurrent(self, a: Event | int, b: Event | int) -> bool:
        """Whether neither of two different events is ordered before the other."""
        a, b = _seq(a), _seq(b)
        return a != b and not self.happens_before(a, b) and not self.happens_before(b, a)

    def findings(self) -> list[Finding]:
        """The lost updates, data races and other bugs that the events give away.

        Warns with InconclusiveWarning where there are none, but the run was not seen whole.
        """
        verdict = self.verdict()
        if verdict.word == "inconclusive":
            import warnings

            why = f"nothing was found, but that proves nothing: {verdict.reasons[0].text}"
            warnings.warn(InconclusiveWarning(why), stacklevel=2)
        return list(verdict.findings)

    def verdict(self) -> Verdict:
        """What the run shows as a whole: the findings, and the reasons why it proves less."""
        from . import analysis

        return analysis.verdict(self)


def _seq(event: Event | int) -> int:
    return event if isinstance(event, int) else event.seq
