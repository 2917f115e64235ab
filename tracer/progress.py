"""A line on the terminal while something takes long."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_OFTEN = 0.5


@contextmanager
def working(what: str, *, patience: float = 1.0) -> Iterator[None]:
    """Say on stderr, if that is a terminal, that the body does `what`, when it has done so for
    `patience` seconds; the line is gone afterwards."""
    stream = sys.stderr
    if stream is None or not stream.isatty():
        yield
        return
    done = threading.Event()

    def show() -> None:
        began = time.monotonic()
        shown = False
        while not done.wait(_OFTEN if shown else patience):
            seconds = time.monotonic() - began
            stream.write(f"\r\x1b[Ktrace: {what}, {seconds:.0f} s")
            stream.flush()
            shown = True
        if shown:
            stream.write("\r\x1b[K")
            stream.flush()

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
