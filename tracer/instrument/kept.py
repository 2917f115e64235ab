"""Rewritten modules, kept beside their sources: to rewrite one takes ten times as long as to
compile it."""

from __future__ import annotations

import os
import sys
from importlib.util import source_hash
from types import CodeType
from typing import NamedTuple

from .. import _core, bytecode
from . import description
from .constants import filled


class Rewritten(NamedTuple):
    """A module's code as it is in the source, and with stand-ins for its hooks; what is to be
    entered for it (`Description.packed`), and the names of its globals that are data."""

    plain: CodeType
    code: CodeType
    description: bytes
    data: list[str]

    def enter(self, filename: str, module: str) -> CodeType:
        """The code to run as the module of this `__name__`; the main module goes by its file's name
        in the trace."""
        named = module not in ("__main__", "__mp_main__") or filename.startswith("<")
        label = module if named else os.path.splitext(os.path.basename(filename))[0]
        hooks = description.enter(self.description, filename, label)
        _core.hooks.add_module(module, label, self.data)
        code = filled(self.code, hooks)
        _core.record.add_rewritten(code, self.plain)
        return code


class Place(NamedTuple):
    """Where one is kept, and all that it depends on."""

    file: str
    stamp: tuple[object, ...]

    def read(self) -> Rewritten | None:
        """What is kept there; None if there is nothing, or if it is of another source."""
        found = bytecode.read(self.file, self.stamp)
        if found is None:
            return None
        return Rewritten(*found)

    def write(self, rewritten: Rewritten) -> None:
        bytecode.write(self.file, self.stamp, tuple(rewritten))


def place(
    source: str | bytes,
    filename: str,
    standalone: bool,
    scheduling: bool,
    tool: tuple[object, ...] = (),
) -> Place | None:
    """Where the module is kept; None for what is in no file. `tool` rewrites it before."""
    if not os.path.isabs(filename):
        return None
    data = source.encode() if isinstance(source, str) else source
    stamp = (_rewriter(), tool, filename, source_hash(data), standalone, sys.flags.optimize)
    tag = ("controlled" if scheduling else "recorded") + ("after" if tool else "")
    return Place(bytecode.beside(filename, tag), stamp)


def _rewriter() -> tuple[tuple[str, int, int], ...]:
    """The version of what rewrites: this folder."""
    if not _version:
        with os.scandir(os.path.dirname(__file__)) as files:
            states = ((file.name, file.stat()) for file in files if file.name.endswith(".py"))
            _version.append(tuple(sorted((n, s.st_size, s.st_mtime_ns) for n, s in states)))
    return _version[0]


_version: list[tuple[tuple[str, int, int], ...]] = []
