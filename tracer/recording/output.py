"""OUTPUT events: what a thread writes to stdout or stderr.

The program must not see a difference, so the streams stay what they are. `sys.stdout` is still
the interpreter's own TextIOWrapper over its own buffer; it only carries an attribute `write` of
its own (such objects have a `__dict__`), which records the text and calls the class's. `print`,
`writelines`, logging and the interpreter's tracebacks all look `write` up on the stream, and a
stream that the program puts in the place of `sys.stdout` is not ours to record. `print` itself
is replaced by a native function that calls the original, so that one call is one event although
it writes in pieces. Both are native, so they are in no traceback.

The event is recorded before the last piece is written, and one thread at a time writes to a
stream, so events and output are in one order. Where each piece goes to the file by itself
(`python -u`), those before the last are events (STEP), too: another thread may write between them.
"""

from __future__ import annotations

import builtins
import io
import sys
from collections.abc import Callable

from tracer import _core


def record_output() -> Callable[[], None]:
    """Record what is written from now on; returns the function that ends it."""
    streams = [
        (stream, by_line)
        for stream, by_line in ((sys.stdout, False), (sys.stderr, True))
        if isinstance(stream, io.TextIOWrapper) and "write" not in vars(stream)
    ]
    plain_print = builtins.print
    for stream, by_line in streams:
        vars(stream)["write"] = _core.recorded_write(stream, by_line)
    recorded_print = _core.recorded_print(builtins)
    builtins.print = recorded_print

    def restore() -> None:
        for stream, _ in streams:
            vars(stream).pop("write", None)
        if builtins.print is recorded_print:
            builtins.print = plain_print

    return restore
