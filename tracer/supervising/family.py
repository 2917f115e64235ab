"""The processes of a run, as its supervisor sees them.

The supervisor is the *subreaper* of the run: a process whose parent has ended becomes its child,
and not that of the system's first process. So every living process of the run is below it, also
one that has made itself a daemon. Recorded ones are told from others (a program that was started
and left running) by the page of the spool in their memory, which no exec leaves there.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from .. import _core

# In the command line of an interpreter that multiprocessing has spawned, which is about to be
# recorded, and of a fork server, whose children are: it ends with those that it serves.
_ABOUT_TO_BE_RECORDED = (
    b"--multiprocessing-fork\0",
    b"from multiprocessing.forkserver import main",
)


class Family:
    """The processes below this one that are recorded into `spool`.

    `first` is the pid of the run's first process, `others` of children that are not of the run.
    """

    def __init__(self, spool: Path, first: int, others: set[int]) -> None:
        self._page = os.fsencode(spool.resolve() / _core.spool.PAGE_FILE)
        # A program that is started in this run's name has the spool among its arguments.
        launched = os.fsencode(repr(os.path.abspath(spool)))
        self._about_to_be_recorded = (*_ABOUT_TO_BE_RECORDED, launched)
        self._first = first
        self._others = others
        self.status: int | None = None
        """The exit status of the first process, negative for a signal; None while it runs."""
        self.reaped: list[tuple[int, int]] = []
        """The pids and exit statuses of the other children that have ended."""

    def reap(self) -> None:
        """Take note of the children that have ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._first:
                self.status = os.waitstatus_to_exitcode(status)
            elif pid in self._others:
                self._others.discard(pid)
            else:
                self.reaped.append((pid, os.waitstatus_to_exitcode(status)))

    def alive(self) -> list[int]:
        """The pids of the recorded processes that have not ended."""
        found = [] if self.status is not None else [self._first]
        return found + sorted(pid for pid in self._below() if self._is_recorded(pid))

    def end_programs(self) -> None:
        """Kill what the run has started and left running, and what that has."""
        for pid in self._below():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def _below(self) -> set[int]:
        """The pids of all that the run has started, but for its first process."""
        parents = _parents()
        below = {os.getpid()}
        grown = True
        while grown:
            new = {pid for pid, parent in parents.items() if parent in below} - below
            grown = bool(new)
            below |= new
        return below - {os.getpid(), self._first, *self._others}

    def has_others(self) -> bool:
        """Whether processes of the run may be left when the first one has ended."""
        children: set[int] = set()
        try:
            for task in os.scandir("/proc/self/task"):
                with open(f"{task.path}/children", "rb") as file:
                    children.update(map(int, file.read().split()))
        except OSError:
            return True  # the kernel does not say
        return bool(children - self._others)

    def signal(self, number: int) -> None:
        """Send the signal to every recorded process."""
        for pid in self.alive():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def ignores(self, number: int) -> bool:
        """Whether the signal is nothing to any of the recorded processes."""
        return all(_ignores(pid, number) for pid in self.alive())

    def pass_on(self, number: int) -> None:
        """Send on a signal that was meant for the program: for its first process, and for all
        others if that has ended."""
        if self.status is None:
            os.kill(self._first, number)
        else:
            self.signal(signal.Signals(number))

    def _is_recorded(self, pid: int) -> bool:
        try:
            maps = _maps(pid)
            if self._page in maps:
                return True
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read()
            # Its memory has gone, maybe while we read of it; or it is taking another program's.
            if not line:
                return _is_to_end(pid)
            return any(part in line for part in self._about_to_be_recorded)
        except OSError:
            return False


def _maps(pid: int) -> bytes:
    """What the process has mapped; nothing if its memory has gone."""
    with suppress(ProcessLookupError), open(f"/proc/{pid}/maps", "rb") as file:
        return file.read()
    return b""


def _ignores(pid: int, number: int) -> bool:
    with suppress(OSError), open(f"/proc/{pid}/status", "rb") as file:
        masks = [line for line in file if line.startswith(b"SigIgn:")]
        return bool(int(masks[0].split()[1], 16) >> (number - 1) & 1)
    return True  # it has ended


def _is_to_end(pid: int) -> bool:
    """Whether it is still to be told how a process without memory has ended. To `/proc` it may be
    a zombie that has other threads."""
    try:
        over = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except ChildProcessError:  # told to its parent
        return _stat(pid)[0] != b"Z"
    return over is None


def _parents() -> dict[int, int]:
    """The parent of every process of the system, by pid."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                parents[int(name)] = int(_stat(int(name))[1])
    return parents


def _stat(pid: int) -> list[bytes]:
    """What the kernel tells of a process: its state, its parent …"""
    with open(f"/proc/{pid}/stat", "rb") as file:
        # The command's name is in brackets, and may have any characters.
        return file.read().rpartition(b")")[2].split()
