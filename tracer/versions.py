"""What is another in another version of Python, for the tables of `primitives` that ask.

Elsewhere nothing goes by a number: what differs is tried out where it is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

_T = TypeVar("_T")


def since(version: str, rows: Callable[[], Iterable[_T]]) -> list[_T]:
    """Rows of a table from the version on: what they edit is not there before."""
    return list(rows()) if _reached(version) else []


def by_version(choices: Mapping[str, _T]) -> _T:
    """What there is in this version: each choice holds from its version on, to the next."""
    return choices[max(filter(_reached, choices), key=_number)]


def _reached(version: str) -> bool:
    return sys.version_info[:2] >= _number(version)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
