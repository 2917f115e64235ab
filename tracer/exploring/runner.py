"""Runs of one program, one after the other, each a fork of an interpreter that has it loaded."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .. import _core
from ..errors import NothingRecordedError, RecordingError
from ..recording.rerun import CHECKED
from ..runs import hashing, interpreter
from ..runs.control import Control
from ..runs.destination import Destination
from ..runs.launch import MAIN_PROCESS, Launch
from ..runs.schedule import Schedule, Switch
from ..supervising.supervisor import Program
from ..trace import Trace, load


class Made(NamedTuple):
    """A switch that a run has made: as in `Schedule`, whether the giver could have gone on, and the
    number of the event that came next."""

    switch: Switch
    preempts: bool
    event: int


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended: its exit status (negative for a signal), its trace, what it wrote to
    its standard streams, and what `check` came to: `True`, `False`, an error, or nothing if the run
    did not come to it. `switches` are its choices, None if they are too many to be kept, or of
    threads without a name; `steps` its scheduling points; `uncontrolled` is as in `Run`, `late`
    whether it was ended, for it had taken too long."""

    status: int
    trace: Trace
    output: bytes
    checked: str
    switches: tuple[Made, ...] | None
    steps: int
    uncontrolled: int
    late: bool

    @property
    def schedule(self) -> Schedule | None:
        """The run's schedule; None where `switches` is."""
        if self.switches is None:
            return None
        return Schedule(tuple(made.switch for made in self.switches))


class Runner:
    """Runs `program` under control, as often as wanted, from an interpreter that has it loaded.

    `folder` is for what the runs leave, until `close`. `check` is an expression over the script's
    globals, for the end of each run. `timeout` is in seconds, for each run. Raises RecordingError
    if the interpreter cannot be started.
    """

    def __init__(
        self,
        program: Program,
        folder: Path,
        *,
        hash_seed: str,
        include: Sequence[str] = (),
        check: str = "",
        stdin: str = os.devnull,
        timeout: float = 60.0,
    ) -> None:
        self._program = program
        self._folder = folder
        self._hash_seed = hash_seed
        self._include = list(include)
        self._check = check
        self._stdin = stdin
        self._timeout = timeout
        self._count = 0
        self._flags = interpreter.parse(sys.orig_argv[1:]).flags
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        os.set_inheritable(theirs.fileno(), True)
        launch = Launch(
            spool="",
            memory=True,
            include=self._include,
            follow=False,
            mode=self._program.mode,
            launcher=1 if self._program.mode == "script" else 2,
            own=1 + len(self._flags),
            supervisor=os.getpid(),
            mask=[],
            hash_seed=(self._hash_seed, os.environ.get(hashing.VARIABLE)),
            preload=True,
            requests=theirs.fileno(),
        )
        arguments = [sys.executable, *launch.arguments(self._flags, self._program.argv)]
        _core.control.fix_addresses()
        nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        try:
            self._pid = os.posix_spawn(
                sys.executable,
                arguments,
                {**os.environ, hashing.VARIABLE: self._hash_seed},
                file_actions=[(os.POSIX_SPAWN_DUP2, nothing, fd) for fd in (0, 1)],
                setpgroup=0,  # Ctrl-C is for who asks
                setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
            )
        except (OSError, ValueError) as error:
            raise RecordingError(f"cannot start {sys.executable}: {error}") from error
        finally:
            os.close(nothing)
            theirs.close()
        self._socket = ours
        self._lines = ours.makefile("r")

    def close(self) -> None:
        """End the interpreter, and the run that is going on."""
        self.kill()
        self._lines.close()
        self._socket.close()

    def restart(self) -> None:
        """Have another interpreter in the place of one that is in the middle of a run."""
        self.close()
        self._start()

    def kill(self) -> None:
        """End the interpreter, and the run that is going on: whoever waits for that gets an
        error."""
        first, self._pid = self._pid, 0
        if not first:
            return
        for pid in (*_below(first), first):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(first, 0)

    def run(self, control: Control, keep: Destination | None = None) -> Ran | None:
        """Run the program once, and keep the trace, if it is given a place. None if it took too
        long to come to its beginning. Raises RecordingError if nothing of it was recorded."""
        self._count += 1
        place = keep or self._own_place()
        output = self._folder / f"{self._count}.out"
        lock = place.describe(self._header(control))
        try:
            late, status = self._ask(place, control, output, whole=keep is not None)
        finally:
            os.close(lock)
        outcome = control.outcome(place.spool)
        end: dict[str, object] = {
            "exit_status": {str(MAIN_PROCESS): status},
            **outcome,
        }
        made = _core.control.switches_made(place.spool)
        try:
            place.describe_end(end)
        except NothingRecordedError:
            if late:
                return None
            raise
        checked = place.spool / CHECKED
        said = checked.read_text(encoding="utf-8") if checked.exists() else ""
        place.finish()
        written = output.read_bytes() if output.exists() else b""
        trace = load(place.file)
        output.unlink(missing_ok=True)
        if keep is None:
            place.file.unlink()
        return Ran(
            status,
            trace,
            written,
            said,
            _named(made, trace),
            outcome["control"]["steps"],
            outcome["control"]["uncontrolled"],
            late,
        )

    def _own_place(self) -> Destination:
        spool = self._folder / f"{self._count}.spool"
        spool.mkdir(mode=0o700)
        return Destination(self._folder / f"{self._count}.msgpack", spool)

    def _header(self, control: Control) -> dict[str, object]:
        program = self._program
        return {
            "program": program.target if program.mode != "command" else "-c",
            "argv": program.argv,
            "mode": program.mode,
            "hash_seed": int(self._hash_seed),
            "memory": True,
            "include": self._include,
            "lone_reads": False,
            "follow_subprocess": False,
            "preloaded": True,
            "flags": self._flags,
            "environment": interpreter.heeded_environment(),
            "control": control.fields(),
        }

    def _ask(
        self, place: Destination, control: Control, output: Path, *, whole: bool
    ) -> tuple[bool, int]:
        """Has the program run once; whether it was ended since it took too long, and its exit
        status."""
        spool = os.path.abspath(place.spool)
        request = (spool, str(control), str(output), self._stdin, self._check, whole)
        self._socket.settimeout(self._timeout)
        try:
            self._socket.sendall(f"{request!r}\n".encode())
            pid, ended = self._lines.readline(), self._lines.readline()
        except TimeoutError:
            self.restart()
            return True, -signal.SIGKILL
        except OSError as error:
            raise RecordingError(f"the program's interpreter has ended: {error}") from None
        if not (pid and ended):
            raise RecordingError("the program's interpreter has ended")
        return False, os.waitstatus_to_exitcode(int(ended))


def _named(
    made: Sequence[tuple[int, int, int, bool, int]] | None, trace: Trace
) -> tuple[Made, ...] | None:
    """The switches with the paths of their threads."""
    if made is None:
        return None
    paths = [""] + [one.path for one in trace.threads] + [one.path for one in trace.processes]
    known = {_core.control.name_of(path): path for path in paths} | {0: ""}
    try:
        return tuple(
            Made(Switch(known[giver], turn, known[taker]), preempts, event)
            for giver, turn, taker, preempts, event in made
        )
    except KeyError:
        return None


def _below(pid: int) -> list[int]:
    """The processes below a process."""
    found: list[int] = []
    with suppress(OSError):
        for task in os.scandir(f"/proc/{pid}/task"):
            with open(f"{task.path}/children", "rb") as file:
                for child in map(int, file.read().split()):
                    found += [child, *_below(child)]
    return found
