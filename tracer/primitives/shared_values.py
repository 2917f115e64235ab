"""Value, Array, RawValue and RawArray of multiprocessing.

The memory is a ctypes object; its number gets to other processes with the block of memory that it
lies in. Accesses are recorded natively (`core/src/hooks/shared.rs`): those through the wrapper that
Value and Array return inside the wrapper's own methods, while it holds its lock.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from multiprocessing import sharedctypes
from multiprocessing.sharedctypes import SynchronizedArray
from types import CodeType, FunctionType
from typing import Any, Final

from .. import _core
from .edits import Patch, Table, edited, replaced, results
from .objects import caller, made_by_program, module_of

OWNER: Final = "_racetrace_owner"
"""The attribute of a block of memory with the key of the object that lies in it."""

_PASSED: Final = ("multiprocessing.sharedctypes", "multiprocessing.context")

# The standard library's code, but for the access.
_PROPERTY: Final = """
def get(self):
    self.acquire()
    try:
        return 'hook'(self._obj, {name!r})
    finally:
        self.release()
def set(self, value):
    self.acquire()
    try:
        'hook'(self._obj, {name!r}, value)
    finally:
        self.release()
"""


def _code(text: str, function: FunctionType, name: str, hook: Callable[..., object]) -> CodeType:
    """The function's code with the access made by the hook."""
    original = function.__code__
    # A str is "called", of which the compiler warns.
    module = _core.hooks.compile_warning(text, original.co_filename, "exec", 0, "ignore")
    code = next(c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == name)
    constants = tuple(hook if constant == "hook" else constant for constant in code.co_consts)
    # Each line is where it was, so that a traceback shows the original's.
    code = code.replace(
        co_consts=constants,
        co_name=original.co_name,
        co_qualname=original.co_qualname,
        co_firstlineno=original.co_firstlineno,
    )
    _core.interpreter.show_original(code, original)
    return code


def _accessors(name: str, pair: property) -> list[Patch]:
    text = _PROPERTY.format(name=name)
    getter, setter = pair.fget, pair.fset
    assert isinstance(getter, FunctionType)
    assert isinstance(setter, FunctionType)
    return [
        (getter, "__code__", _code(text, getter, "get", _core.hooks.shared_get)),
        (setter, "__code__", _code(text, setter, "set", _core.hooks.shared_set)),
    ]


def _made_property(name: str, pair: property) -> property:
    getter = pair.fget
    assert isinstance(getter, FunctionType)
    if not _core.interpreter.has_original(getter.__code__):
        for function, attribute, code in _accessors(name, pair):
            setattr(function, attribute, code)
    return pair


def _allocated(memory: Any) -> Any:
    if _core.record.recording() and made_by_program(*_PASSED):
        kind = "RawArray" if isinstance(memory, ctypes.Array) else "RawValue"
        if module_of(caller()) == "multiprocessing.sharedctypes":
            kind = kind.removeprefix("Raw")
        number = _core.record.new_object(kind)
        _core.primitives.keep(memory._wrapper, OWNER, _core.record.share_object(number))
        _core.record.bind_object(memory, number)
    return memory


def _rebuilt(memory: Any) -> Any:
    key = _core.primitives.kept(memory._wrapper, OWNER)
    if key is not None and _core.record.recording():
        _core.record.bind_object(memory, _core.record.shared_object(key))
    return memory


_core.hooks.shared_types(
    [ctypes._SimpleCData, ctypes.Array, ctypes.Structure, ctypes.Union],
    [sharedctypes.SynchronizedBase],
)

PATCHES: Final[Table] = [
    edited(sharedctypes.RawValue, results(_allocated, "result")),
    edited(sharedctypes.RawArray, results(_allocated, "result")),
    edited(sharedctypes.rebuild_ctype, results(_rebuilt, "result")),  # type: ignore[attr-defined]
    edited(sharedctypes.make_property, results(_made_property, "name, result")),  # type: ignore[attr-defined]
    *(
        patch
        for name, pair in sharedctypes.prop_cache.items()  # type: ignore[attr-defined]
        for patch in _accessors(name, pair)
    ),
    edited(
        SynchronizedArray.__getitem__,
        replaced("self._obj[i]", _core.hooks.shared_get_item, "self._obj, i"),
    ),
    edited(
        SynchronizedArray.__setitem__,
        replaced("self._obj[i]", _core.hooks.shared_set_item, "self._obj, i, value"),
    ),
]
