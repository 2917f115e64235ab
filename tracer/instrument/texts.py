"""Source text that the program gives to `exec` and `eval`, rewritten as its modules are."""

from __future__ import annotations
import __future__

import ast
import builtins
from types import CodeType
from typing import Any

from .. import _core
from . import importhook
from .constants import filled
from .description import enter
from .rewrite import rewrite_text

_FILENAME = "<string>"
_MOST = 1000
"""So many texts are rewritten: the sites of each are kept forever."""

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_FUTURE: int = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)

_compiled: dict[tuple[str, str, bool, int, bool], CodeType | None] = {}


def compile_text(
    text: str, names: dict[str, object], module: str, evaluated: bool, flags: int
) -> CodeType | None:
    """The code of a text that is run among the globals `names` of a rewritten module, which the
    trace calls `module`: by `eval` if `evaluated`, in code with these `co_flags`.

    None if it is to be compiled as it is: where something is wrong with it, the builtin says so;
    where a global hides a builtin, which name means what is not known.
    """
    finder = importhook.installed()
    shadowed = _BUILTINS.intersection(names)
    if finder is None or shadowed or not _core.record.recording():
        return None
    key = (text, module, evaluated, flags & _FUTURE, finder.scheduling)
    if key not in _compiled and len(_compiled) < _MOST:
        return _compiled.setdefault(key, _compile(*key))  # another thread may have been here
    return _compiled.get(key)


def _compile(
    text: str, module: str, evaluated: bool, flags: int, scheduling: bool
) -> CodeType | None:
    source = text.lstrip(" \t") if evaluated else text
    mode = "eval" if evaluated else "exec"

    def compiled(what: str | ast.AST, flags: int, warning: str) -> Any:
        return _core.hooks.compile_warning(what, _FILENAME, mode, flags, warning)

    try:
        plain = compiled(source, flags, "error")  # the builtin gives the warnings
        tree = compiled(source, flags | ast.PyCF_ONLY_AST, "ignore")
        body = [ast.Expr(tree.body)] if evaluated else tree.body
        block = ast.Module(body=body, type_ignores=[])
        description = rewrite_text(block, source, scheduling=scheduling)
        if evaluated:
            [statement] = block.body
            assert isinstance(statement, ast.Expr)
            tree.body = statement.value
        else:
            tree.body = block.body
        code: CodeType = compiled(tree, flags, "ignore")
    except (RecursionError, SyntaxError, ValueError, MemoryError):
        return None
    code = filled(code, enter(description.packed(), _FILENAME, module))
    _core.record.add_rewritten(code, plain)
    return code


def install() -> None:
    """Have `exec` and `eval` run what `compile_text` makes, while an import hook is installed."""
    _core.hooks.set_text_compiler(_core.interpreter.untraced_function("compile", compile_text))
