"""Reading and writing trace files. FORMAT.md, beside this file, specifies the format."""

from __future__ import annotations

from os import PathLike
from typing import cast

import msgpack

from .. import _core
from ..errors import TraceFileError
from .header import fault as header_fault

__all__ = ["read", "write_spool"]


def read(path: str | PathLike[str]) -> tuple[_core.trace.TraceData, dict[str, object]]:
    """Open the trace file at `path`, see `tracer.load`: what is in it, and its header."""
    core = _core.trace.TraceData.open(path)
    header: dict[str, object] = {"format": "racetrace", "version": 1}
    header |= _map(core.header, path)
    if core.trailer:
        # What the supervisor measured, if it lived to tell; else up to the last event.
        header = {"duration": _map(core.trailer, path).get("duration"), **header}
    if (fault := header_fault(header)) is not None:
        raise TraceFileError(f"{path}: {fault}")
    return core, header


def write_spool(spool: str | PathLike[str], out: str | PathLike[str]) -> dict[str, int]:
    """Make the trace file `out` of the spool directory that a recorded program left behind.

    Replaces what is at `out`; the spool stays. Returns how much was written: events, threads,
    processes, bytes, and dropped, the number of records that made no sense. Raises TraceFileError
    if the spool cannot be read or the disk is full; then `out` is as it was.
    """
    return _core.trace.write_trace(spool, out)


def _map(data: bytes, path: str | PathLike[str]) -> dict[str, object]:
    try:
        unpacked = msgpack.unpackb(data, strict_map_key=False, unicode_errors="surrogatepass")
    except (ValueError, TypeError, RecursionError) as error:
        raise TraceFileError(f"{path}: the header cannot be read: {error}") from None
    return cast("dict[str, object]", unpacked)
