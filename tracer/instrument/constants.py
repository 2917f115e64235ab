"""Native objects as constants of compiled code.

`compile` takes constants of a few types only. So the tree has a stand-in for each of our objects,
of a type whose operators the compiler does not fold and that no source can spell, and the object
takes its place in the code.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from types import CodeType
from typing import Any


def stand_in(index: int) -> ast.Constant:
    """What `filled` replaces by the object with this index."""
    return ast.Constant(value=_key(index))


def _key(index: int) -> Any:
    return frozenset({("@racetrace", index)})


def filled(code: CodeType, objects: Sequence[object]) -> CodeType:
    """The code, and the code inside it, with the objects in place of their stand-ins."""
    return _replaced(code, {_key(i): new for i, new in enumerate(objects)})


def _replaced(code: CodeType, objects: dict[object, object]) -> CodeType:
    constants = [
        _replaced(constant, objects)
        if isinstance(constant, CodeType)
        else objects.get(constant, constant)
        if isinstance(constant, frozenset)
        else constant
        for constant in code.co_consts
    ]
    return code.replace(co_consts=tuple(constants))
