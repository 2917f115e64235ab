"""OUTPUT events: what a thread writes to stdout or stderr.

The program must not see a difference, so the streams stay what they are. `sys.stdout` is still
the interpreter's own TextIOWrapper over its own buffer; it only carries an attribute `write` of
its own (such objects have a `__dict__`), which records the text and calls the class's. `print`,
`writelines`, logging and the interpreter's tracebacks all look `write` up on the stream, and a
stream that the program puts in the place of `sys.stdout` is not ours to record. `print` itself
is replaced by a native function that calls the original, so that one call is one event although
it writes in pieces. Both are native, so they are in no traceback. The streams' buffers have a
`write` of their own in the same way, for bytes; `os.write` and files that are opened on
descriptors 1 and 2 are replaced in the core.

The event is recorded before the last piece is written, and one thread at a time writes to a stream
(where the run has several processes, one of all their threads), so events and output are in one
order. Where a piece goes to the file by itself (`python -u`, a full buffer) a STEP follows it:
another thread may write between it and the next. A `flush` is a STEP where its time decides what
comes first: where there are several processes, or bytes are written past the text.

Its value is what is written, up to 200 characters; of a longer text the first 200, and the length
and a digest of all, so that a replay compares all of it. Flags say which stream it is, and whether
a line is ended.
"""

from __future__ import annotations

import builtins
import io
import sys
from collections.abc import Callable

from .. import _core


def record_output() -> Callable[[], None]:
    """Record what is written from now on; returns the function that ends it."""
    given: list[dict[str, object]] = []
    for stream, is_stderr in ((sys.stdout, False), (sys.stderr, True)):
        if isinstance(stream, io.TextIOWrapper) and "write" not in vars(stream):
            buffer: object = stream.buffer
            if isinstance(buffer, io.BufferedWriter | io.FileIO):
                given.append(vars(buffer))
                vars(buffer)["write"] = _core.record.recorded_write_of_bytes(buffer, is_stderr)
                vars(buffer)["flush"] = _core.record.recorded_flush(buffer, is_stderr)
            given.append(vars(stream))
            vars(stream)["write"] = _core.record.recorded_write(stream, is_stderr)
            vars(stream)["flush"] = _core.record.recorded_flush(stream, is_stderr)
    plain_print = builtins.print
    recorded_print = _core.record.recorded_print(builtins)
    builtins.print = recorded_print

    def restore() -> None:
        for attributes in given:
            attributes.pop("write", None)
            attributes.pop("flush", None)
        if builtins.print is recorded_print:
            builtins.print = plain_print

    return restore
