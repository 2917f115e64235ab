"""Texts in which primitives show how they stand (`repr(event)`), which other threads may change:
what the program is told is an INPUT."""

from __future__ import annotations

from typing import Final

from .. import _core
from .edits import Edit, Table, edited, results

SHOWN: Final[Edit] = results(_core.record.shown, "result")
"""The edit of a method that returns such a text."""


def shown(*kinds: type) -> Table:
    """The edits of the classes' `__repr__`, of those that have one of their own."""
    return [edited(vars(kind)["__repr__"], SHOWN) for kind in kinds if "__repr__" in vars(kind)]
