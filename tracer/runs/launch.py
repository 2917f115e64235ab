"""How the program's interpreter is launched: what the supervisor and the recording must agree on.

Neither imports the other: what a supervisor imports before it starts the program, and the program's
interpreter before it runs it, is the start-up time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .internal import FOLDER

STUB = (
    "import sys; sys.flags.safe_path or sys.path.pop(0); sys.path.append(sys.argv.pop(1));"
    "loaded = frozenset(sys.modules); import gc; collects = gc.isenabled(); gc.disable();"
    "from racetrace.tracer.recording.bootstrap import main; main(loaded, collects)"
)
"""The `-c` operand. It gets: the folder `racetrace` is in, then what `bootstrap.main` takes."""

DEFAULT_FOLDER = "traces"
"""Where a trace goes that no file is named for."""

ORPHANS = 2.0
"""How long the supervisor waits for processes that outlive the first one, in seconds."""

MAIN_PROCESS = 1
"""The index of the run's first process in its spool."""


class Launch(NamedTuple):
    """How an interpreter is to record the program that it runs. What it runs is in its further
    arguments: of the first `launcher`, and of `mode`, see `interpreter.CommandLine`.

    `own` is how many of its arguments, with its name, come before `-c STUB` in the program's
    `sys.orig_argv`; `supervisor` is the pid of the parent to end with, 0 for none; `control` says
    how the run is controlled, "" for not; `follow` whether programs that it starts are recorded;
    `mask` are the signals blocked in the program, where others are until it begins, else None.
    `path`, `key`, `name` and `method` are what the parent knows of the process: "" for the first.
    `hash_seed` is as in `hashing`, `slot` that of the process in a run under control, if it is
    not the first. `preload` says that what the program imports of the
    standard library is imported before it is recorded; `requests` is the socket at which runs of
    the program are asked for, one after the other; None for the one run that this is.
    """

    spool: str
    memory: bool
    include: Sequence[str]
    follow: bool
    mode: str = ""
    launcher: int = 0
    own: int = 0
    supervisor: int = 0
    mask: Sequence[int] | None = None
    control: str = ""
    path: str = ""
    key: str = ""
    name: str = ""
    method: str = ""
    hash_seed: tuple[str, str | None] | None = None
    slot: int | None = None
    preload: bool = False
    requests: int | None = None

    def arguments(self, flags: Sequence[str], program: Sequence[str]) -> list[str]:
        """The arguments of the interpreter."""
        return [*flags, "-c", STUB, FOLDER, repr(tuple(self)), *program]
