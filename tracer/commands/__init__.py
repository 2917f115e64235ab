"""The command line. Each subcommand is one module here, imported only when it is used.

Nothing is imported here, for what Ctrl-C ends while it is imported ends in a traceback.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys


def main() -> None:
    """Run the command line and exit with its status (0, or as each command documents).

    Ctrl-C ends it by SIGINT, as any program; where Python code is running, without a traceback.
    """
    interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if interruptible:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    # What a command imports and loads it keeps to its end: hardly anything of it is garbage.
    gc.set_threshold(100_000)
    from . import pythons

    if refusal := pythons.refusal_of_this():
        print(f"trace: error: {refusal}", file=sys.stderr)
        sys.exit(2)
    from . import group

    status = group.call(interruptible=interruptible)
    # To take the interpreter apart would take as long as to start two of them.
    atexit._run_exitfuncs()
    sys.stderr.flush()
    os._exit(status)
