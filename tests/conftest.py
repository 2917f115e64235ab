"""For all tests: programs are interrupted in them as from a terminal."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    # A suite that a shell started in the background ignores SIGINT, and so would what it starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
