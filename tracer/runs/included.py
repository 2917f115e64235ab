"""The names of packages and modules that are to be recorded, too."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import UsageError


def check(names: Sequence[str]) -> None:
    """Raise UsageError if one of the names can be no module's."""
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise UsageError(f"--include {name}: give a name as import statements have, pkg.module")
