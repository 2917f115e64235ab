"""Patches of standard library modules that many programs never import.

They are made when the module is imported. Its loader is ours for the time of its execution only,
so the module has the spec and the loader that it always has.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .. import _core
from . import patching

Patches = Callable[[str], Iterable[patching.Patch]]


class _Finder:
    def __init__(self, modules: Collection[str], patches: Patches) -> None:
        self.modules = modules
        self.patches = patches
        self.undo: list[Callable[[], None]] = []
        self.find_spec = _core.interpreter.untraced_function(
            "find_spec", self._find_spec, traced=True
        )

    def _find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self.modules:
            return None
        finders = list(sys.meta_path)
        for finder in finders[finders.index(self) + 1 if self in finders else 0 :]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(self, spec.loader)  # type: ignore[assignment]
                return spec
        return None

    def patch(self, name: str) -> None:
        """Patch the module of this name, which has been executed."""
        self.undo.append(patching.apply(self.patches(name)))


class _Loader:
    def __init__(self, finder: _Finder, loader: Any) -> None:
        self.finder = finder
        self.loader = loader
        self.create_module = loader.create_module
        self.exec_module = _core.interpreter.untraced_function(
            "exec_module", self._exec_module, traced=True
        )

    def _exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        self.finder.patch(module.__name__)


def apply(modules: Collection[str], patches: Patches) -> Callable[[], None]:
    """Patch each of the modules that has been imported, and each other one when it is; returns the
    function that ends it and puts everything back.

    `patches` is asked for those of a module, by its name, when that has been imported.
    """
    finder = _Finder(modules, patches)
    sys.meta_path.insert(0, finder)
    for name in modules:
        if name in sys.modules:
            finder.patch(name)

    def restore() -> None:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
        while finder.undo:
            finder.undo.pop()()

    return restore
