"""Running the command `trace`: each time in a process forked from one that has imported it.

To start the interpreter and to import the command takes as much of the processor as what most
commands then do. What depends on that start (options of the interpreter, its streams, signals that
come meanwhile) is tested with `TRACE`, which starts one.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

TRACE = [sys.executable, "-m", "racetrace"]

_LONGEST = 100_000
"""Bytes of a request or an answer, at most."""
_AT_START = ("PYTHON", "LC_", "LANG")


def environment(**variables: str) -> dict[str, str]:
    """Ours, with the hash seed 0, so that all ways of running have the same, and with these."""
    return {**os.environ, "PYTHONHASHSEED": "0", **variables}


def invoke(
    folder: Path, *words: object, stdin: str = "", timeout: float = 120, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `trace WORDS…` in the folder, in the `environment` of these variables.

    Raises subprocess.TimeoutExpired, as subprocess.run does.
    """
    command = [*TRACE, *map(str, words)]
    whole = environment(**variables)
    parent = _parent(os.getpid())
    if _read_at_start(whole) == parent.read_at_start:
        return parent.run(command, folder, whole, stdin, timeout)
    return subprocess.run(
        command,
        cwd=folder,
        env=whole,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def trace(*words: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """The same in the folder where we are."""
    return invoke(Path.cwd(), *words, **variables)


def _read_at_start(variables: dict[str, str]) -> dict[str, str]:
    """Those that an interpreter reads only when it starts."""
    return {name: value for name, value in variables.items() if name.startswith(_AT_START)}


class _Parent:
    """The process that commands are forked from; it ends when we have."""

    def __init__(self) -> None:
        self._connection, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        variables = environment()
        self.read_at_start = _read_at_start(variables)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(
        self,
        command: list[str],
        folder: Path,
        variables: dict[str, str],
        stdin: str,
        timeout: float,
    ) -> subprocess.CompletedProcess[str]:
        """As subprocess.run."""
        self._connection.settimeout(timeout)
        pipes = [os.pipe() for _ in range(3)]
        (reads, given), (stdout, writes), (stderr, complains) = pipes
        with ThreadPoolExecutor(3) as pool:
            pool.submit(_give, given, stdin)
            told = [pool.submit(_read, end) for end in (stdout, stderr)]
            request = json.dumps([command, str(folder), variables])
            child = int(self._ask(request, reads, writes, complains))
            try:
                status = int(self._connection.recv(_LONGEST))
            except TimeoutError:
                os.kill(child, signal.SIGKILL)
                self._connection.recv(_LONGEST)
                raise subprocess.TimeoutExpired(command, timeout) from None
        return subprocess.CompletedProcess(command, status, *(one.result() for one in told))

    def _ask(self, request: str, *files: int) -> bytes:
        """The answer to a request, with which these files go over."""
        assert len(request) <= _LONGEST
        try:
            socket.send_fds(self._connection, [request.encode()], files)
        finally:
            for file in files:
                os.close(file)
        return self._connection.recv(_LONGEST)


def _give(end: int, text: str) -> None:
    with suppress(BrokenPipeError), open(end, "w") as file:
        file.write(text)


def _read(end: int) -> str:
    with open(end) as file:
        return file.read()


@functools.cache
def _parent(pid: int) -> _Parent:
    """That of the commands that this process runs."""
    return _Parent()


def _serve(connection: socket.socket) -> None:
    """Be the parent: run what is asked for, one after the other, and tell how it ended."""
    for room in ("analysis", "commands", "replaying", "reporters", "supervising"):
        path = importlib.import_module(f"tracer.{room}").__path__
        for module in pkgutil.iter_modules(path, f"tracer.{room}."):
            importlib.import_module(module.name)
    gc.freeze()
    while True:
        request, files, *_ = socket.recv_fds(connection, _LONGEST, 3)
        if not request:
            return
        child = os.fork()
        if child == 0:
            connection.close()
            _become(*json.loads(request), files)
        for file in files:
            os.close(file)
        connection.send(str(child).encode())
        _, status = os.waitpid(child, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(
    command: list[str], folder: str, variables: dict[str, str], files: list[int]
) -> NoReturn:
    """Be a command, as if the interpreter had been started for it."""
    for stream, file in enumerate(files):
        os.dup2(file, stream)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.orig_argv[:] = command
    sys.argv[:] = ["trace", *command[len(TRACE) :]]
    from tracer.commands import main

    main()
    os._exit(70)  # it has not ended as it should


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
