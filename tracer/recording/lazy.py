"""Patches of standard library modules that many programs never import.

They are made when the module is imported. Its loader is ours for the time of its execution only,
so the module has the spec and the loader that it always has.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

from tracer.recording import patching

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # the import takes half as long as the interpreter takes to start


class _Finder:
    def __init__(self, patches: Mapping[str, str]) -> None:
        self.patches = patches
        self.undo: list[Callable[[], None]] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self.patches:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(self, spec.loader)
                return spec
        return None

    def patch(self, name: str) -> None:
        """Patch the module of this name, which has been executed."""
        from tracer.primitives import rewriting

        ours = importlib.import_module(self.patches[name])
        rewriting.forget_sources()
        self.undo.append(patching.apply(ours.PATCHES))


class _Loader(Loader):
    def __init__(self, finder: _Finder, loader: Loader) -> None:
        self.finder = finder
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        self.finder.patch(module.__name__)


def apply(patches: Mapping[str, str]) -> Callable[[], None]:
    """Patch each module that has been imported, and each other one when it is; returns the
    function that ends it and puts everything back.

    `patches` maps the name of a module to that of ours with its `PATCHES`.
    """
    finder = _Finder(patches)
    sys.meta_path.insert(0, finder)
    for name in patches:
        if name in sys.modules:
            finder.patch(name)

    def restore() -> None:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
        while finder.undo:
            finder.undo.pop()()

    return restore
