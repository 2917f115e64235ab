"""Which code is the program's own: what is neither the standard library nor installed.

Where it lies decides, as with coverage.py, not from where it was imported: a package that is
installed editable is the program's own, a virtual environment in the project's folder is not.
"""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Sequence

from ..runs.internal import PACKAGES

_PACKAGES = tuple(os.path.join(os.path.realpath(folder), "") for folder in PACKAGES)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class OwnCode:
    """The program's own files. Code below one of the folders `roots` is, even where the folder lies
    among installed packages, or in the standard library."""

    def __init__(self, roots: Sequence[str]) -> None:
        self._roots = tuple(_folder(root) for root in roots)
        self._library = _library()

    def has(self, file: str) -> bool:
        """Whether the file (a real path) is the program's own."""
        if file.startswith(_PACKAGES):
            return False
        return not self._installed(file) or any(
            file.startswith(root) and not self._installed(file, root) for root in self._roots
        )

    def _installed(self, file: str, root: str = "") -> bool:
        """Whether there is a folder of installed code above the file, below the root."""
        beyond = file[max(len(root) - 1, 0) :]
        return any(part in beyond for part in _INSTALLED) or any(
            file.startswith(folder) and not root.startswith(folder) for folder in self._library
        )


def is_third_party(file: str) -> bool:
    """Whether the file is of a package that was installed, which the standard library is not."""
    return any(part in file for part in _INSTALLED)


def _folder(path: str) -> str:
    return os.path.join(os.path.realpath(path), "")


def _library() -> tuple[str, ...]:
    """The folders of the standard library."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    return tuple(_folder(path) for path in paths if path)
