"""Subinterpreters: what runs in one is not recorded, and that is said when one is made."""

from __future__ import annotations

import importlib
from typing import Any, Final

from .. import _core
from ..ops import GapKind
from ..versions import by_version
from .edits import Table

MODULE: Final = by_version({"3.11": "_xxsubinterpreters", "3.13": "_interpreters"})

_module: Any = importlib.import_module(MODULE)
_create: Final = _module.create


def _made(*args: Any, **kwargs: Any) -> Any:
    if _core.record.recording():
        _core.record.gap(GapKind.SUBINTERPRETER, MODULE, _core.record.current_thread())
    return _create(*args, **kwargs)


# They run code in an interpreter; which of them there are depends on the version.
_RUN: Final = ("call", "destroy", "exec", "run_func", "run_string")

PATCHES: Final[Table] = [
    (_module, "create", _core.interpreter.untraced_function("create", _made)),
    *(
        (_module, name, _core.control.in_other_interpreter(name, getattr(_module, name)))
        for name in _RUN
        if hasattr(_module, name)
    ),
]
