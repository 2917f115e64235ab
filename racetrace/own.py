"""Whose `tracer` this process has: ours, or a module of that name of the project itself."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_NAME = "tracer"
_FOLDER = Path(__file__).resolve().parent.parent
_OURS = _FOLDER / _NAME / "__init__.py"


def has(file: str) -> bool:
    """Whether the file is one of ours."""
    path = Path(file).resolve()
    return any(path.is_relative_to(_FOLDER / name) for name in (_NAME, __package__))


def found() -> str | None:
    """Where the project's own `tracer` is, if an import gives that or would give it; None if it
    gives ours. Imports nothing."""
    try:
        spec = importlib.util.find_spec(_NAME)
    except ValueError:  # a module that somebody has made by hand
        spec = None
    if spec is None:
        return _NAME
    if spec.origin is not None:
        return None if Path(spec.origin).resolve() == _OURS else spec.origin
    return next(iter(spec.submodule_search_locations or ()), _NAME)


def recording_run() -> bool:
    """Whether `trace run` records the whole of this process."""
    core = sys.modules.get(f"{_NAME}._core.record")
    return core is not None and bool(core.recording())
