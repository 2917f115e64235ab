"""The hash seed of a run: as the user has asked for it, and the same again in a replay.

It goes into the interpreter by `PYTHONHASHSEED`, and is on to the processes that multiprocessing
spawns. The program finds that variable as the user has set it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final, TypeAlias

VARIABLE: Final = "PYTHONHASHSEED"
_SEEDS: Final = 2**32 - 1  # from 1 on; 0 is for no randomization


def chosen(seed: int | None) -> str:
    """What `VARIABLE` is to be in the program: as it is here, or where Python would draw a number,
    one that goes with the seed of the run's control, if that is not None."""
    asked = os.environ.get(VARIABLE, "")
    if asked.isdigit():
        return asked
    number = int.from_bytes(os.urandom(8)) if seed is None else seed
    return str(number % _SEEDS + 1)


def heeded(flags: Sequence[str]) -> bool:
    """Whether the interpreter goes by the variable: with none of these flags it draws a number."""
    bundles = (flag[1:] for flag in flags if flag[:1] == "-" and flag[:2] != "--")
    # What follows W or X in a bundle is its operand.
    return not any(set("EIR") & set(re.split("[WX]", letters)[0]) for letters in bundles)


Seed: TypeAlias = tuple[str, str | None]
"""What `VARIABLE` is for the interpreter, and as the user has set it; None: not set."""


def show(seed: Seed | None) -> None:
    """Let the program find the variable as the user has set it. The environment that its processes
    inherit stays as it is."""
    if seed is None or os.environ.get(VARIABLE) != seed[0]:
        return
    found = os.environ._data  # type: ignore[attr-defined]
    if seed[1] is None:
        del found[os.fsencode(VARIABLE)]
    else:
        found[os.fsencode(VARIABLE)] = os.fsencode(seed[1])
