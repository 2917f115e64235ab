"""Recording: the supervisor of a run, and what records inside the program's processes.

Here is what both sides must agree on. Neither imports the other: what a supervisor imports before
it starts the program, and the program's interpreter before it runs it, is the start-up time.
"""

from __future__ import annotations

STUB = (
    "import sys; sys.flags.safe_path or sys.path.pop(0); sys.path.append(sys.argv.pop(1));"
    "loaded = frozenset(sys.modules); from tracer.recording.bootstrap import main; main(loaded)"
)
"""The `-c` operand. It gets: the folder `tracer` is in, then what `bootstrap.main` takes."""

MAIN_PROCESS = 1
"""The index of the run's first process in its spool."""
