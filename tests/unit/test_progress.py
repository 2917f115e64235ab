"""The line that is shown on a terminal while something takes long."""

from __future__ import annotations

import io
import os
import pty
import sys
import threading

import pytest

from tracer.progress import working


def test_it_is_shown_on_a_terminal_and_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    master, slave = pty.openpty()
    with open(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with working("counting", patience=0):
            shown = os.read(master, 1000)
            while b" s" not in shown:
                shown += os.read(master, 1000)
        assert b"trace: counting, 0 s" in shown
        left = os.read(master, 10_000)
        assert left.endswith(b"\r\x1b[K")
    os.close(master)
    assert threading.active_count() == before


def test_what_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    with open(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with working("counting", patience=3600):
            pass
        terminal.write("end")
    assert os.read(master, 1000) == b"end"
    os.close(master)


def test_nothing_is_shown_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    before = threading.active_count()
    with working("counting", patience=0):
        assert threading.active_count() == before
    assert stream.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", None)
    with working("counting", patience=0), pytest.raises(ZeroDivisionError):
        _ = 1 / 0
