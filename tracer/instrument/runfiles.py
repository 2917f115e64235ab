"""What `runpy.run_path` runs: rewritten as if it were imported."""

from __future__ import annotations

import os
import runpy
from types import FunctionType
from typing import Any, Final

from .. import _core
from .importhook import compile_run


def _compiled(source: bytes, filename: str, *_: object, **_named: object) -> Any:
    return compile_run(source, os.fsdecode(filename))


# The ordinary function with another `compile`, so that everything else about it is as ever.
_plain: Final[FunctionType] = runpy._get_code_from_file  # type: ignore[attr-defined]
_compile: Final = _core.interpreter.untraced_function("compile", _compiled)
_rewriting: Final = FunctionType(_plain.__code__, {**_plain.__globals__, "compile": _compile})

PATCHES: Final = [(runpy, "_get_code_from_file", _rewriting)]
