"""Reading and writing trace files. FORMAT.md, beside this file, specifies the format."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import cast

import msgpack

from tracer._core import TraceData
from tracer.errors import TraceFileError
from tracer.trace import Trace

__all__ = ["read"]


def read(path: str | PathLike[str]) -> Trace:
    """Open the trace file at `path`; see `tracer.load`."""
    core = TraceData.open(path)
    header: dict[str, object] = {"format": "racetrace", "version": 1}
    header |= _map(core.header, path)
    if core.trailer:
        trailer = _map(core.trailer, path)
        header.setdefault("duration", trailer.get("duration"))
    return Trace(core, header, Path(path))


def _map(data: bytes, path: str | PathLike[str]) -> dict[str, object]:
    try:
        unpacked = msgpack.unpackb(data, strict_map_key=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise TraceFileError(f"{path}: the header cannot be read: {error}") from None
    return cast("dict[str, object]", unpacked)
