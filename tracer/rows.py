"""Tables with very many rows, of which most are never asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

_T = TypeVar("_T")
_KEPT = 1 << 14


class Rows(Sequence[_T], Generic[_T]):
    """The rows with the ids 1 to `count`, each made when it is asked for; some thousand are
    kept."""

    def __init__(self, count: int, make: Callable[[int], _T]) -> None:
        self._count = count
        self._make = make
        self._kept: dict[int, _T] = {}

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"<Rows: {self._count}>"

    @overload
    def __getitem__(self, index: int) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> list[_T]: ...
    def __getitem__(self, index: int | slice) -> _T | list[_T]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        if (row := self._kept.get(index)) is not None:
            return row
        if not -self._count <= index < self._count:
            raise IndexError(f"no row {index}: there are {self._count}")
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        row = self._kept[index] = self._make(index % self._count + 1)
        return row

    def __iter__(self) -> Iterator[_T]:
        return map(self._make, range(1, self._count + 1))
