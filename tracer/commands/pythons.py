"""On which Pythons there is a native core: asked before anything that needs it is imported."""

from __future__ import annotations

import sys

FIRST, LAST = (3, 11), (3, 15)


def refusal(implementation: str, version: tuple[int, int], abi: str) -> str | None:
    """Why this Python is not one of those, in one line; None if it is.

    The arguments are what `sys` says: the implementation's name, the version, and `abiflags`, in
    which a build without the GIL has a `t`.
    """
    if implementation == "cpython" and FIRST <= version <= LAST and "t" not in abi:
        return None
    found = f"{_NAMES.get(implementation, implementation)} {version[0]}.{version[1]}"
    build = " without the GIL" if "t" in abi else ""
    return (
        f"racetrace needs CPython {FIRST[0]}.{FIRST[1]} to {LAST[0]}.{LAST[1]} with the GIL; "
        f"this is {found}{build}"
    )


_NAMES = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy"}


def refusal_of_this() -> str | None:
    """The same of the Python that runs."""
    return refusal(sys.implementation.name, sys.version_info[:2], getattr(sys, "abiflags", ""))
