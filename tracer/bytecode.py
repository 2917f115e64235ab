"""Code that we have made, kept beside its source as Python keeps its own.

A file lies in the `__pycache__` (or under the `sys.pycache_prefix`) of the source that it was made
from, and is not written where Python would write none (`-B`, a folder that is read-only).
"""

from __future__ import annotations

import marshal
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source
from typing import Any

from . import _core


def beside(source: str, tag: str) -> str:
    """The file for what is made of the file `source`; `tag` is one word that says what that is."""
    return cache_from_source(source, optimization=tag)


def read(file: str, stamp: object) -> Any:
    """What `write` has put there with the same stamp, by the same Python; else None."""
    try:
        with open(file, "rb") as opened:
            data = opened.read()
        if data[: len(MAGIC_NUMBER)] != MAGIC_NUMBER:
            return None
        found, value = _core.interpreter.unmarshalled(data[len(MAGIC_NUMBER) :])
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return value if found == stamp else None


def write(file: str, stamp: Any, value: Any) -> None:
    """Keep the value, of types that `marshal` knows, if it can be kept there. `stamp` is what it
    depends on beside the version of Python."""
    if not sys.dont_write_bytecode:
        data = MAGIC_NUMBER + marshal.dumps((stamp, value))
        # As Python writes its own: whole or not at all, and no error where that fails.
        SourceFileLoader("", file).set_data(file, data)
