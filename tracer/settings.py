"""The settings of a project: `[tool.racetrace]` in its pyproject.toml."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tracer.errors import UsageError

FILE = "pyproject.toml"


class Settings(NamedTuple):
    """`include` are packages whose accesses `trace run` records too, as --include does."""

    include: tuple[str, ...] = ()


def load(folder: Path) -> Settings:
    """The settings of the project that the folder is in: of the nearest pyproject.toml.

    Raises UsageError if that cannot be understood, naming the file and the key.
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
        return _parsed(file, content) if b"racetrace" in content else Settings()
    return Settings()


def _parsed(file: Path, content: bytes) -> Settings:
    import tomllib

    try:
        table = tomllib.loads(content.decode()).get("tool", {}).get("racetrace", {})
    except ValueError as error:
        raise UsageError(f"{file}: {error}") from None
    if not isinstance(table, dict):
        raise UsageError(f"{file}: tool.racetrace must be a table")
    if unknown := sorted(table.keys() - set(Settings._fields)):
        raise UsageError(f"{file}: tool.racetrace has no setting {unknown[0]!r}")
    include = table.get("include", [])
    if not isinstance(include, list) or not all(isinstance(name, str) for name in include):
        raise UsageError(f"{file}: tool.racetrace.include must be a list of names of packages")
    return Settings(tuple(include))
