"""Whether the source catches what an access or a call may raise.

Who asks a queue first and also catches `queue.Empty` has thought of the item that is gone: that is
a correct program. The trace does not have the source, so this reads the file that a site names;
where it is not there any more, or has changed, nothing is known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from .. import sources
from ..events import Site

_EVERYTHING = frozenset({"Exception", "BaseException"})
_LOOKUPS = frozenset({"IndexError", "KeyError"})


def catches(site: Site, error: str) -> bool | None:
    """Whether a `try` around the call at `site` catches `error`, a class name without its module.

    A `try` around a call of the function that the site is in counts as well. None if the file is
    not there, or does not have that text at that line.
    """
    text = _source(site)
    if text is None:
        return None
    function = site.function.rpartition(".")[2]
    for body, _ in _guarded(text, error):
        for node in (inner for statement in body for inner in ast.walk(statement)):
            called = isinstance(node, ast.Call) and _last_name(node.func) == function
            if called or getattr(node, "lineno", 0) == site.line:
                return True
    return False


def goes_on_without(site: Site, error: str) -> bool:
    """Whether a `try` around the access at `site` catches `error` only to leave or go on: whoever
    checked before that has thought of what is gone."""
    text = _source(site)
    return text is not None and any(
        all(
            isinstance(one, (ast.Pass, ast.Return, ast.Continue, ast.Break)) for one in handler.body
        )
        and body[0].lineno <= site.line <= (body[-1].end_lineno or 0)
        for body, handler in _guarded(text, error)
    )


def _source(site: Site) -> str | None:
    """The file that the site is in, if it still has that text at that line."""
    first = site.text.splitlines()[0] if site.text else ""
    text = "".join(sources.lines(site))
    return text if text and first in sources.line(site) else None


@lru_cache(maxsize=64)
def _guarded(source: str, error: str) -> list[tuple[list[ast.stmt], ast.ExceptHandler]]:
    """The bodies of all `try` statements with a handler for `error`, and that handler."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Try, ast.TryStar)):
            handlers = [handler for handler in node.handlers if _catches(handler, error)]
            found += [(node.body, handler) for handler in handlers[:1]]
    return found


def _catches(handler: ast.ExceptHandler, error: str) -> bool:
    if handler.type is None:
        return True
    names = {error, *_EVERYTHING, *(["LookupError"] if error in _LOOKUPS else [])}
    return any(name in names for name in _names(handler.type))


def _names(kind: ast.expr) -> Iterator[str]:
    for one in kind.elts if isinstance(kind, ast.Tuple) else [kind]:
        yield _last_name(one)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_in_coroutine(site: Site) -> bool:
    """Whether the site is in the body of an `async def`, as the source is now."""
    text = "".join(sources.lines(site))
    function = site.function.rpartition(".")[2]
    return any(
        name == function and first <= site.line <= last for name, first, last in _coroutines(text)
    )


@lru_cache(maxsize=64)
def _coroutines(source: str) -> list[tuple[str, int, int]]:
    """The names of all coroutine functions, and their first and last lines."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return [
        (node.name, node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef)
    ]
