"""The environment variables of a recorded run that a replay of it is given.

The dynamic loader, a shell and the interpreter run what variables name: LD_PRELOAD, PATH,
PYTHONHOME. A trace may be a stranger's, so only those are taken that recording needs: they say how
text is encoded, and switch the interpreter's own ways on and off. PYTHONPATH is one of them, for
the program's modules are found by it; whether its folders are trusted is for `trust` to say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ..trace import Trace

_TAKEN = frozenset(
    {
        "LANG",
        "LANGUAGE",
        "TZ",
        "PYTHONASYNCIODEBUG",
        "PYTHONCOERCECLOCALE",
        "PYTHONDEVMODE",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONFAULTHANDLER",
        "PYTHONHASHSEED",
        "PYTHONINTMAXSTRDIGITS",
        "PYTHONIOENCODING",
        "PYTHONMALLOC",
        "PYTHONNODEBUGRANGES",
        "PYTHONNOUSERSITE",
        "PYTHONOPTIMIZE",
        "PYTHONPATH",
        "PYTHONSAFEPATH",
        "PYTHONTRACEMALLOC",
        "PYTHONUNBUFFERED",
        "PYTHONUTF8",
        "PYTHONWARNDEFAULTENCODING",
        "PYTHON_GIL",
    }
)
_OURS = frozenset({"PYTHONPATH"})
"""Of these, what our own environment may have though the recorded had not."""

# Python imports the module of a category that it does not know.
_PLAIN_FILTERS = re.compile(r"[a-z]+(::\w*)?(,[a-z]+(::\w*)?)*")


def at_start(trace: Trace) -> dict[str, str]:
    """What the interpreter is started with of the recorded variables, in place of our own; paths
    are where they have moved to."""
    header = trace.header
    recorded = header.get("environment")
    found = dict(recorded) if isinstance(recorded, dict) else {}
    taken = {name: value for name, value in found.items() if _is_taken(name, value)}
    if path := taken.get("PYTHONPATH"):
        taken["PYTHONPATH"] = os.pathsep.join(map(trace.place, path.split(os.pathsep)))
    if (seed := header.get("hash_seed")) is not None:
        taken["PYTHONHASHSEED"] = str(seed)
    return taken


def around(trace: Trace, environment: Mapping[str, str]) -> dict[str, str]:
    """Our environment with those variables in it; without what of their kind the recorded run had
    not."""
    has_recorded = isinstance(trace.header.get("environment"), dict)
    ours = {
        name: value
        for name, value in os.environ.items()
        if not has_recorded or name in _OURS or not (name in _TAKEN or name.startswith("LC_"))
    }
    return {**ours, **environment}


def _is_taken(name: str, value: str) -> bool:
    if name == "PYTHONWARNINGS":
        return _PLAIN_FILTERS.fullmatch(value) is not None
    return name in _TAKEN or name.startswith("LC_")
