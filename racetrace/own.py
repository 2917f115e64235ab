"""What is ours in a process that pytest runs in. Nothing of the recorder is imported for it."""

from __future__ import annotations

import sys
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent


def has(file: str) -> bool:
    """Whether the file is one of ours."""
    path = Path(file).resolve()
    return any(path.is_relative_to(_FOLDER / name) for name in ("tracer", __package__))


def recording_run() -> bool:
    """Whether `trace run` records the whole of this process."""
    core = sys.modules.get(f"{__package__}.tracer._core.record")
    return core is not None and bool(core.recording())
