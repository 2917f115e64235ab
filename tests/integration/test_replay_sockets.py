"""Runs whose threads talk through sockets are replayed. That those of servers and their clients are
is tested with the programs of `tests/quality/programs/replayed`."""

from __future__ import annotations

import subprocess
from pathlib import Path

from commandline import invoke, run


def replay(file: Path) -> subprocess.CompletedProcess[str]:
    return invoke(file.parent, "replay", file)


def test_a_connection_that_was_refused_is_again(tmp_path):
    (tmp_path / "program.py").write_text(
        """
import socket, threading

reserved = socket.socket()
reserved.bind(("127.0.0.1", 0))
for _ in range(2):
    try:
        socket.create_connection(reserved.getsockname())
    except ConnectionRefusedError:
        print("refused")
        reserved.listen()
    else:
        print("accepted")
try:
    with socket.socket() as silent:
        silent.settimeout(0.01)
        silent.connect(reserved.getsockname())
        silent.recv(1)
except TimeoutError:
    print("late")
"""
    )
    recorded = run(tmp_path, "program.py")
    assert recorded.stdout == "refused\naccepted\nlate\n", recorded.stderr
    done = replay(recorded.file)
    assert (done.returncode, done.stdout) == (0, recorded.stdout), done.stderr
