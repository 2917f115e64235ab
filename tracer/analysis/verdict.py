"""The verdict on a trace: `clean` means looked at, ended, nothing found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..events import Finding, Note, Reason
from ..log import Log
from . import coverage, endings, strands, unnoticed, unrecorded
from .findings import find, unordered_notes

REASONS: tuple[Callable[[Log], Iterable[Reason]], ...] = (
    coverage.cut_off,
    coverage.nothing_recorded,
    coverage.without_memory,
    coverage.not_kept,
    endings.stopped,
    endings.killed,
    endings.left_threads,
    endings.unknown_end,
    unrecorded.own_code,
    unrecorded.running_code,
    unrecorded.older_threads,
    unrecorded.missing_includes,
    unrecorded.subinterpreters,
    unrecorded.started_programs,
    unrecorded.processes,
    strands.tasks,
    strands.greenlets,
)
"""Each says what keeps a trace from being clean: what was not recorded, not seen, did not end."""

NOTES: tuple[Callable[[Log], Iterable[Note]], ...] = (
    coverage.recorder_notes,
    unrecorded.package_notes,
    unnoticed.died,
    unnoticed.unasked,
    unnoticed.killed_daemons,
    unnoticed.dropped_copies,
    unordered_notes,
)
"""Each says what is worth knowing and no bug in itself."""

_EXIT_CODES = {"clean": 0, "findings": 1, "inconclusive": 3}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a run. The reasons stand beside findings, too, but only where there are none
    do they decide."""

    findings: tuple[Finding, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Note, ...] = ()
    packages: tuple[str, ...] = ()
    """The installed packages that threads ran, too, and that were not recorded: nothing is said of
    them."""

    @property
    def scope(self) -> str:
        """What the verdict speaks of, in a sentence; empty where that is all that threads ran."""
        if not self.packages:
            return ""
        return f"your code; threads also ran {', '.join(self.packages)}, not recorded"

    @property
    def word(self) -> str:
        """`findings`, `inconclusive` or `clean`."""
        if self.findings:
            return "findings"
        return "inconclusive" if self.reasons else "clean"

    @property
    def exit_code(self) -> int:
        """That of `trace check`: 0 for clean, 1 for findings, 3 for inconclusive."""
        return _EXIT_CODES[self.word]


def verdict(trace: Log) -> Verdict:
    """The one place that decides what is said of a trace."""
    return Verdict(
        tuple(find(trace)),
        tuple(reason for reasons in REASONS for reason in reasons(trace)),
        tuple(note for notes in NOTES for note in notes(trace)),
        unrecorded.packages(trace),
    )
