"""The settings of a project: `[tool.racetrace]` in its pyproject.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from .errors import UsageError

FILE = "pyproject.toml"


class Settings(NamedTuple):
    """What the table in the `file` says, as TOML has it."""

    file: Path
    table: dict[str, Any]

    def error(self, key: str, message: str) -> UsageError:
        """What to raise for a setting that cannot be used."""
        return UsageError(f"{self.file}: tool.racetrace.{key} {message}")


def load(folder: Path) -> Settings | None:
    """The settings of the project that the folder is in: of the nearest pyproject.toml.

    Raises UsageError if that cannot be understood.
    """
    for parent in (folder, *folder.parents):
        file = parent / FILE
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UsageError(f"cannot read {file}: {error.strerror}") from error
        # Few projects have settings for us, and reading TOML takes a while.
        return _parsed(file, content) if b"racetrace" in content else None
    return None


def _parsed(file: Path, content: bytes) -> Settings:
    import tomllib

    try:
        table = tomllib.loads(content.decode()).get("tool", {}).get("racetrace", {})
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from None
    if not isinstance(table, dict):
        raise UsageError(f"{file}: tool.racetrace must be a table")
    return Settings(file, table)
