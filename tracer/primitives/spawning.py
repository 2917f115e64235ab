"""How the recording gets into the children that multiprocessing spawns, and that its fork server
forks: with what they unpickle first."""

from __future__ import annotations

from multiprocessing import spawn
from typing import Any, Final

from . import children
from .edits import Table, edited, results
from .objects import caller


def _prepared(data: dict[str, Any]) -> dict[str, Any]:
    if not children.are_recorded():
        return data
    # The data has the default method, which is not that of every context.
    frame = caller()
    assert frame is not None
    method = frame.f_globals["Popen"].method
    entry = children.entry(method, data.get("init_main_from_path"))
    # Before the rest: what is unpickled later may be the program's.
    return data if entry is None else {"racetrace": entry, **data}


PATCHES: Final[Table] = [
    edited(spawn.get_preparation_data, results(_prepared, "result")),
]
