"""What a program gets that imports `tracer`: the modules of `racetrace.tracer` themselves."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_NAME = "tracer"


def _name(public: str) -> None:
    """Give our module its public name, and those in it theirs which have been loaded."""
    private = f"{__package__}.{public}"
    sys.modules[public] = import_module(private)
    inner = [name for name in sys.modules if name.startswith(f"{private}.")]
    sys.modules.update({name.partition(".")[2]: sys.modules[name] for name in inner})


class _Loader:
    """Puts our module in the place of the one that has been made for it."""

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        _name(module.__name__)


_LOADER = _Loader()


class _Finder:
    """Finds the modules of `tracer`, where that is ours."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, rest = name.partition(".")
        if package != _NAME or rest in ("", "__main__"):
            return None  # `python -m tracer` wants the code
        if sys.modules.get(_NAME) is not sys.modules[f"{__package__}.{_NAME}"]:
            return None
        found = PathFinder.find_spec(f"{__package__}.{name}", path)
        if found is None:
            return None
        is_package = found.submodule_search_locations is not None
        return ModuleSpec(name, _LOADER, origin=found.origin, is_package=is_package)  # type: ignore[arg-type]


def give() -> None:
    """Make `tracer`, which is being imported, ours."""
    _name(_NAME)
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
