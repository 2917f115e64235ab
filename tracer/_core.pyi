"""The native core, as Python sees it."""

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import TypeAlias

OPS: list[tuple[str, int]]

# -- fileformat --

_Row: TypeAlias = tuple[object, ...]
_StringId: TypeAlias = int
# seq, t, thread, op, target, site, value, outcome, flags, link
_EventRow: TypeAlias = tuple[int, int, int, int, int, int, object, int, int, int]

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
    ) -> TraceData:
        """A trace in memory. Trailing fields of a row may be left out; where a string id is
        wanted, a str does as well. The rows are:

        threads    path, name, process, parent, daemon
        objects    kind, label, thread, index, site
        locations  kind, object, module, name, key
        sites      file, line, column, end_line, end_column, function, text, sources, opaque, guards
        events     seq, t, thread, op, target, site, value, outcome, flags, link
        """

    def __len__(self) -> int: ...
    @property
    def header(self) -> bytes: ...
    @property
    def trailer(self) -> bytes: ...
    @property
    def truncated(self) -> str | None: ...
    def processes(self) -> list[tuple[str, int, int | None]]: ...
    def threads(self) -> list[tuple[str, str, int, int, bool]]: ...
    def sites(
        self,
    ) -> list[tuple[str, int, int, int, int, str, str, tuple[int, ...], bool, tuple[int, ...]]]: ...
    def objects(self) -> list[tuple[str, str | None, int, int, int]]: ...
    def locations(self) -> list[tuple[int, int, str | None, str | None, object]]: ...
    def notes(self) -> list[str]: ...
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
