"""The import hook: rewrites the program's own modules, and what was included.

Everything about a module but its code stays what it is without the hook: the finder asks the
ordinary one, and only has its loader compile something else.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from .. import _core
from ..ops import GapKind
from . import kept
from .kept import Rewritten
from .owncode import OwnCode
from .rewrite import rewrite


def install(
    roots: Sequence[str],
    include: Sequence[str],
    *,
    scheduling: bool = False,
    leave: Sequence[str] = (),
) -> Callable[[], None]:
    """Rewrite the modules that are imported from now on: the program's own (see `OwnCode` for the
    folders `roots`), and the modules and packages named in `include`, but for the modules `leave`;
    with scheduling points if `scheduling`. Returns what ends that."""
    global _installed
    finder = Finder(roots, include, scheduling=scheduling, leave=leave)
    sys.meta_path.insert(0, finder)
    before, _installed = _installed, finder

    def uninstall() -> None:
        global _installed
        _installed = before
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    return uninstall


_installed: Finder | None = None


def installed() -> Finder | None:
    """The finder that takes part in imports now."""
    return _installed


def compile_run(source: bytes, filename: str) -> CodeType:
    """Compile a file that is run by its path, rewritten if it is the program's own. Raises what
    `compile` raises."""
    finder = _installed
    if finder is None or not finder.own.has(os.path.realpath(filename)):
        code: CodeType = compile(source, filename, "exec", dont_inherit=True)
        return code
    name = os.path.splitext(os.path.basename(filename))[0]
    return compile_source(source, filename, name, standalone=True, scheduling=finder.scheduling)


def prepare_main(source: bytes, filename: str) -> None:
    """Rewrite a main module with scheduling points, so that `compile_main` need not: processes that
    are forked from this one will run it."""
    with suppress(Exception):  # it is raised, and a warning is given, where the program is run
        plain: CodeType = _core.hooks.compile_warning(source, filename, "exec", 0, "error")
        prepared = _rewritten_source(source, filename, plain, standalone=True, scheduling=True)
        _prepared[filename] = source, prepared


_prepared: dict[str, tuple[str | bytes, Rewritten]] = {}


def compile_main(
    source: str | bytes, filename: str, *, module: str = "__main__", scheduling: bool = False
) -> CodeType:
    """Compile the program's main module, rewritten; see `compile_source`. In a process that
    multiprocessing spawns it is called `__mp_main__`."""
    return compile_source(source, filename, module, standalone=True, scheduling=scheduling)


def compile_source(
    source: str | bytes,
    filename: str,
    module: str,
    *,
    standalone: bool = False,
    scheduling: bool = False,
    keep: bool = False,
) -> CodeType:
    """Compile a module's source, rewritten.

    `module` is its `__name__`; the main module goes by its file's name in the trace.
    `standalone` says that no other module reaches the script's globals, `scheduling` that accesses
    pass scheduling points, `keep` that the code is kept beside the file for the processes to come.
    Raises what `compile` raises. Source that cannot be rewritten is compiled as it is, which
    `unrewritten` says.
    """
    place = kept.place(source, filename, standalone, scheduling) if keep else None
    rewritten = place and place.read()
    if standalone and scheduling:
        known, prepared = _prepared.get(filename, (None, None))
        rewritten = prepared if known == source else None
    if rewritten is None:
        plain: CodeType = compile(source, filename, "exec", dont_inherit=True)
        try:
            rewritten = _rewritten_source(source, filename, plain, standalone, scheduling)
        except (RecursionError, SyntaxError, ValueError, UnicodeError, MemoryError) as error:
            unrewritten(filename, str(error) or type(error).__name__)
            return plain
        if place is not None:
            place.write(rewritten)
    return rewritten.enter(filename, module)


def compile_tree(
    parse: Callable[[], ast.Module],
    source: bytes,
    filename: str,
    module: str,
    *,
    tool: tuple[object, ...],
    scheduling: bool = False,
) -> CodeType:
    """Compile a module that another tool rewrites, with its accesses hooked too, and with
    scheduling points if `scheduling`. The code is kept beside the file for the processes to come.

    `parse` makes the tree that the tool makes of `source`; `tool` is all else that this depends on,
    as plain data. Raises what `parse` and `compile` raise.
    """
    place = kept.place(source, filename, False, scheduling, tool)
    rewritten = place and place.read()
    if rewritten is None:
        tree = parse()
        plain: CodeType = compile(tree, filename, "exec", dont_inherit=True)
        text = importlib.util.decode_source(source)
        rewritten = _rewritten_tree(tree, text, filename, plain, False, scheduling)
        if place is not None:
            place.write(rewritten)
    return rewritten.enter(filename, module)


def _rewritten_source(
    source: str | bytes, filename: str, plain: CodeType, standalone: bool, scheduling: bool
) -> Rewritten:
    text = source if isinstance(source, str) else importlib.util.decode_source(source)
    tree = _core.hooks.compile_warning(text, filename, "exec", ast.PyCF_ONLY_AST, "ignore")
    return _rewritten_tree(tree, text, filename, plain, standalone, scheduling)


def _rewritten_tree(
    tree: ast.Module,
    text: str,
    filename: str,
    plain: CodeType,
    standalone: bool,
    scheduling: bool,
) -> Rewritten:
    """Rewrites the tree in place. The compilation to the plain code has given the warnings."""
    description, data = rewrite(tree, text, standalone=standalone, scheduling=scheduling)
    code = _core.hooks.compile_warning(tree, filename, "exec", 0, "ignore")
    return Rewritten(plain, code, description.packed(), data)


def unrewritten(filename: str, why: str) -> None:
    """Say that a file runs as it is, so that its accesses are not recorded: in the trace, for the
    program's stderr is its own; on stderr if it is imported before a recording (by pytest)."""
    text = f"{filename} could not be rewritten and runs without memory accesses recorded: {why}"
    if _core.record.recording():
        _core.record.note(text)
    else:
        print(f"trace: {text}", file=sys.stderr)


class Finder:
    """Finds modules as the finders after it do, and has the loaders of some rewrite them."""

    def __init__(
        self,
        roots: Sequence[str],
        include: Sequence[str],
        *,
        scheduling: bool = False,
        leave: Sequence[str] = (),
    ) -> None:
        self._leave = frozenset(leave)
        self._include = tuple(include)
        self.scheduling = scheduling
        self.own = OwnCode(roots)
        self._missing: set[str] = set()
        self.find_spec = _core.interpreter.untraced_function(
            "find_spec", self._find_spec, traced=True
        )

    def _find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in self._leave:
            return None
        spec = self._ordinary(fullname, path, target)
        loader = spec and spec.loader
        if spec is None or type(loader) not in (SourceFileLoader, SourcelessFileLoader):
            return spec
        file = os.path.realpath(spec.origin or "")
        included = self.included(fullname)
        if included in self._missing:
            self._missing.discard(included)
            _core.record.gap(GapKind.INCLUDED, included)
        if not (included or self.own.has(file)):
            return spec
        if not isinstance(loader, SourceFileLoader):
            unrewritten(file, "it has no source")
        elif not os.access(file, os.R_OK):
            # Its bytecode may still be found.
            unrewritten(file, "its source cannot be read")
        else:
            _rewrite_loaded(loader, self.scheduling)
        return spec

    def included(self, fullname: str) -> str:
        """What was named that the module is, or is in; else an empty name."""
        for name in self._include:
            if fullname == name or fullname.startswith(f"{name}."):
                return name
        return ""

    def tell_missing(self) -> None:
        """Say which of the names in `include` stand for nothing that can be found now. What the
        program makes findable later is said then."""
        self._missing = {name for name in self._include if not self._exists(name)}
        for name in sorted(self._missing):
            _core.record.gap(GapKind.INCLUDE, name)

    def _exists(self, name: str) -> bool:
        path: Sequence[str] | None = None
        if name in sys.modules:
            return True
        for end in [at for at, letter in enumerate(f"{name}.") if letter == "."]:
            try:
                spec = self._ordinary(name[:end], path, None)
            except Exception:  # a finder of the program's, which may be asked too early
                return True
            if spec is None:
                return False
            path = spec.submodule_search_locations or ()
        return True

    def _ordinary(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> importlib.machinery.ModuleSpec | None:
        others = list(sys.meta_path)
        for finder in others[others.index(self) + 1 if self in others else 0 :]:
            find = getattr(finder, "find_spec", None)
            spec: importlib.machinery.ModuleSpec | None = find and find(fullname, path, target)
            if spec is not None:
                return spec
        return None


# By file, module and mode: the source that was rewritten last, and its code. A module that is
# imported again and again has the same sites each time.
_rewritten: dict[tuple[str, str, bool], tuple[bytes, CodeType]] = {}

_plain_source_to_code: Any = SourceFileLoader.source_to_code


def _rewrite_loaded(loader: SourceFileLoader, scheduling: bool) -> None:
    """Have the loader rewrite what it compiles, and neither read nor write Python's own bytecode.

    It stays the ordinary loader, whose own function compiles, so that tracebacks too are the
    ordinary ones; only `compile` is another one there.
    """

    name = loader.name  # a native function that held the loader would keep it forever

    def compile_loaded(data: bytes, path: str, *_: object, **__: object) -> CodeType:
        file = os.fsdecode(path)
        source, code = _rewritten.get((file, name, scheduling), (None, None))
        if code is None or source != data:
            code = compile_source(data, file, name, scheduling=scheduling, keep=True)
            _rewritten[file, name, scheduling] = data, code
        return code

    def without_stats(path: str) -> Any:
        raise OSError  # get_code takes it for a file without cached bytecode

    replaced = {"compile": _core.interpreter.untraced_function("compile", compile_loaded)}
    function = FunctionType(
        _plain_source_to_code.__code__, {**_plain_source_to_code.__globals__, **replaced}
    )
    function.__kwdefaults__ = _plain_source_to_code.__kwdefaults__
    vars(loader).update(
        source_to_code=MethodType(function, loader),
        path_stats=_core.interpreter.untraced_function("path_stats", without_stats),
    )
