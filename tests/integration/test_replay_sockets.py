"""Runs whose threads talk through sockets, or look at programs, are replayed: connections, what is
received at once and what is found ready come in the recorded order."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commandline import TRACE, run

PROGRAMS = Path(__file__).parents[1] / "quality" / "programs" / "replayed"

SERVERS = (
    "accepted_by_several",
    "accepted_in_order",
    "asyncio_server",
    "datagram_server_of_threads",
    "datagrams",
    "http_server",
    "http_server_of_threads",
    "selectors_of_a_server",
    "socket_server_of_threads",
    "xml_rpc",
)


def replay(file: Path) -> subprocess.CompletedProcess[str]:
    command = [*TRACE, "replay", str(file)]
    return subprocess.run(command, cwd=file.parent, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("options", [(), ("--seed", "1")], ids=["free", "seed"])
@pytest.mark.parametrize("name", SERVERS)
def test_sockets_of_threads(tmp_path, name, options):
    (tmp_path / "program.py").write_text((PROGRAMS / f"{name}.py").read_text())
    recorded = run(tmp_path, "program.py", options=options)
    assert recorded.status == 0, recorded.stderr
    done = replay(recorded.file)
    assert (done.returncode, done.stdout) == (0, recorded.stdout), done.stderr


def test_programs_that_are_polled(tmp_path):
    (tmp_path / "program.py").write_text((PROGRAMS / "programs_polled.py").read_text())
    recorded = run(tmp_path, "program.py")
    assert recorded.status == 0, recorded.stderr
    done = replay(recorded.file)
    assert (done.returncode, done.stdout) == (0, recorded.stdout), done.stderr


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
