"""Trace files: read, and written from what a run has left."""

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Any, TypeAlias

_Row: TypeAlias = tuple[object, ...]

_StringId: TypeAlias = int

# seq, t, thread, op, target, site, value, outcome, flags, link
_EventRow: TypeAlias = tuple[int, int, int, int, int, int, object, int, int, int, int]
_SiteRow: TypeAlias = tuple[
    str, int, int, int, int, str, str, tuple[int, ...], bool, tuple[int, ...]
]

class TraceData:
    """A trace file that is open. Every id counts from 1; 0 means none."""

    @staticmethod
    def open(path: str | PathLike[str]) -> TraceData: ...
    @staticmethod
    def from_rows(
        strings: Iterable[str | bytes],
        threads: Iterable[_Row],
        objects: Iterable[_Row],
        locations: Iterable[_Row],
        sites: Iterable[_Row],
        events: Iterable[_Row],
        gaps: Iterable[tuple[str, str, int]] = (),
    ) -> TraceData:
        """A trace in memory. Trailing fields of a row may be left out; where a string id is
        wanted, a str does as well. The rows are:

        threads    path, name, process, parent, daemon, internal
        objects    kind, label, thread, index, site
        locations  kind, object, module, name, key, holds
        sites      file, line, column, end_line, end_column, function, text, sources, opaque, guards
        events     seq, t, thread, op, target, site, value, outcome, flags, link, stack
        gaps       kind, subject, thread
        """

    def __len__(self) -> int: ...
    @property
    def header(self) -> bytes: ...
    @property
    def trailer(self) -> bytes: ...
    @property
    def truncated(self) -> str | None: ...
    def processes(self) -> list[tuple[str, int, int | None, int, str, str]]: ...
    def threads(self) -> list[tuple[str, str, int, int, bool, bool, int, int]]: ...
    def sites(self) -> list[_SiteRow]: ...
    def object_count(self) -> int: ...
    def object(self, id: int) -> tuple[str, str | None, int, int, int]:
        """A row. Raises IndexError if there is none with this id."""

    def location_count(self) -> int: ...
    def location(self, id: int) -> tuple[int, int, str | None, str | None, Any]:
        """A row. Raises IndexError if there is none with this id."""

    def notes(self) -> list[str]: ...
    def stacks(self) -> list[list[int]]: ...
    def gaps(self) -> list[tuple[str, str, int]]:
        """What of the run is not in the events: a kind, a name, and a thread's id or 0."""

    def events(self, start: int, stop: int) -> list[_EventRow]: ...
    def filter(
        self,
        start: int,
        *,
        thread: int | None = None,
        object: int | None = None,
        location: int | None = None,
        ops: Sequence[int] | None = None,
        high: int | None = None,
    ) -> tuple[list[_EventRow], int | None]: ...
    def position(self, seq: int) -> int: ...

class Comparison:
    """Two traces, and what their rows stand for: rows that stand for the same have the same
    number. Of threads and sites the numbers are given, for each row of each trace; `scripts` are
    the modules of the scripts' own globals."""

    def __init__(
        self,
        first: TraceData,
        second: TraceData,
        threads: tuple[Sequence[int], Sequence[int]],
        sites: tuple[Sequence[int], Sequence[int]],
        scripts: tuple[str, str],
    ) -> None: ...
    def common(self) -> int:
        """How many events from the start on are the same but for times and numbers."""

    def object(self, side: int, id: int) -> int:
        """What the object with this id in the first (0) or second (1) trace stands for; 0: none."""

    def location(self, side: int, id: int) -> int: ...

def write_trace(spool: str | PathLike[str], out: str | PathLike[str]) -> dict[str, int]:
    """Write the trace of the run whose spool directory this is, replacing what is at `out`.

    Returns how much was written: events, threads, processes, bytes, and dropped, the number of
    records that made no sense. Raises TraceFileError if the spool cannot be read or the trace
    cannot be written; then the spool is kept and `out` is as it was.
    """
