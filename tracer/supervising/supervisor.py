"""The parent of a recorded program: starts it, passes signals on, and makes the trace.

The program runs in a child interpreter that inherits our file descriptors, so its input and
output never pass through us. It records into the spool directory; we turn that into the trace
file when it has ended, in whatever way it did.
"""

from __future__ import annotations

import fcntl
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from .. import _core
from ..errors import NothingRecordedError, RecordingError, UsageError
from ..runs import destination, hashing, included, interpreter
from ..runs.control import Control
from ..runs.destination import Destination
from ..runs.launch import DEFAULT_FOLDER, MAIN_PROCESS, ORPHANS, Launch
from .family import Family
from .signals import FORWARDED, SignalRelay
from .stop import Stop

TIMED_OUT = 124
"""The exit status of a run that --timeout has ended; that of coreutils' timeout."""

# After --timeout, one after the other, each with so many seconds to work.
_ESCALATION = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_GRACE = 2.0

# When to look whether processes that outlive the first one have ended: at first after so many
# seconds, then whenever this part more of the time has passed. Most are children of ours, whose
# ends the kernel tells at once.
_LOOK = 0.05
_LOOK_AGAIN = 0.1


class Program(NamedTuple):
    """What to run. `mode` is "script", "module" or "command"; `target` the path, the module's
    name or the code; `arguments` what follows in the program's `sys.argv`."""

    mode: str
    target: str
    arguments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A short name, used for the default trace file."""
        if self.mode == "module":
            return self.target.removesuffix(".__main__").rpartition(".")[2] or "module"
        if self.mode == "command":
            return "command"
        return Path(self.target).stem or "stdin" if self.target != "-" else "stdin"

    @property
    def argv(self) -> list[str]:
        """The command line as python would have got it."""
        prefix = {"script": [], "module": ["-m"], "command": ["-c"]}[self.mode]
        return [*prefix, self.target, *self.arguments]

    def check(self) -> None:
        """Raises UsageError if the script cannot be read."""
        if self.mode != "script" or self.target == "-":
            return
        try:
            os.stat(self.target)
            if not os.path.isdir(self.target):
                os.close(os.open(self.target, os.O_RDONLY))
        except OSError as error:
            raise UsageError(f"cannot open {self.target}: {error.strerror}") from None


class Run(NamedTuple):
    """A run that has ended, and its trace. Where that could not be written, or nothing was
    recorded, `lost` says why, and there is no `file`.

    `exit_status` is the program's, negative for a signal, None if it is not known; `seconds` its
    wall time, None if it is not known; `signals` those with which it was told to end from outside.
    Of a run under control, `steps` are the scheduling points
    and `uncontrolled` says how often a thread waited in something that is not under control.
    """

    file: Path
    events: int
    threads: int
    processes: int
    bytes: int
    exit_status: int | None
    seconds: float | None
    timeout: float | None = None
    signals: tuple[int, ...] = ()
    control: Control | None = None
    steps: int = 0
    uncontrolled: int = 0
    lost: str = ""

    def exit_like_the_program(self) -> int:
        """The exit status to end with; a program killed by a signal kills us by it too."""
        if self.timeout is not None:
            return TIMED_OUT
        if self.exit_status is None or self.exit_status >= 0:
            return self.exit_status or 0
        number = -self.exit_status
        sys.stdout.flush()
        sys.stderr.flush()
        # One core dump, the program's, is enough.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        return 128 + number


def supervise(
    program: Program,
    *,
    output: Path | None = None,
    folder: Path = Path(DEFAULT_FOLDER),
    force: bool = False,
    memory: bool = True,
    include: Sequence[str] = (),
    timeout: float | None = None,
    orphans: float = ORPHANS,
    control: Control | None = None,
    follow: bool = False,
    preload: bool = False,
    asked_seed: str | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Run:
    """Run the program to its end and write its trace: to `output`, or by its name in `folder`.

    `timeout` is in seconds, and so is `orphans`, for which processes that outlive the first one are
    waited for: they are left running then. `control` puts the program under control; `follow` says
    that programs which it starts are recorded too, if this Python runs them; `preload` that its
    standard library is imported before; `asked_seed` is what
    it finds as its PYTHONHASHSEED; `meanwhile` is called when it has been started. Raises
    UsageError for what cannot be run or must not be overwritten, RecordingError if the recording
    cannot begin.
    """
    program.check()
    included.check(include)
    with SignalRelay() as relay:
        place = (
            destination.explicit(output, force=force)
            if output
            else destination.default(program.name, folder)
        )
        flags = interpreter.parse(sys.orig_argv[1:]).flags
        seed = hashing.chosen(None if control is None else control.seed)
        lock = place.describe(
            {
                "program": program.target if program.mode != "command" else "-c",
                "argv": program.argv,
                "mode": program.mode,
                **({"hash_seed": int(seed)} if hashing.heeded(flags) else {}),
                "memory": memory,
                "include": list(include),
                "lone_reads": control is not None and control.lone_reads,
                "follow_subprocess": follow,
                **({"preloaded": True} if preload else {}),
                "flags": flags,
                "environment": interpreter.heeded_environment(),
                **({"control": control.fields()} if control else {"supervisor": os.getpid()}),
            }
        )
        started = time.monotonic()
        _core.os.become_subreaper()
        arguments = _command_line(
            program,
            place,
            flags,
            (seed, asked_seed),
            relay.mask,
            memory=memory,
            include=include,
            control=control,
            follow=follow,
            preload=preload,
        )
        child = _spawn(arguments, place, seed, relay.mask, control)
        relay.call_witness(arguments)
        family = Family(place.spool, child, relay.processes)
        stop = Stop(place.spool)
        relay.come(lambda number: _pass_on(number, family, stop))
        if meanwhile is not None:
            meanwhile()
        timed_out = _attend(family, relay, timeout, orphans, stop)
        if control is not None and control.has_stopped(place.spool):
            family.end_programs()  # they wait for a program that was not to go on
        seconds = time.monotonic() - started
        limit = timeout if timed_out else None
        try:
            _describe_end(place, family, seconds, limit, stop, control)
            run = _finish(place, family.status, seconds, limit, stop, control)
        except RecordingError as error:
            # The program has run, and how it ended is how we end.
            lost = f"{'no trace' if isinstance(error, NothingRecordedError) else 'error'}: {error}"
            run = Run(place.file, 0, 0, 0, 0, family.status, seconds, limit, lost=lost)
        os.close(lock)
    return run


def _command_line(
    program: Program,
    place: Destination,
    flags: Sequence[str],
    hash_seed: hashing.Seed,
    mask: set[int],
    *,
    memory: bool,
    include: Sequence[str],
    control: Control | None,
    follow: bool,
    preload: bool,
) -> list[str]:
    """That of the interpreter which records the program."""
    launch = Launch(
        spool=os.path.abspath(place.spool),
        memory=memory,
        include=include,
        follow=follow,
        mode=program.mode,
        launcher=1 if program.mode == "script" else 2,
        own=1 + len(flags),
        supervisor=os.getpid(),
        mask=sorted(mask),
        control=str(control or ""),
        hash_seed=hash_seed,
        preload=preload,
    )
    return [sys.executable, *launch.arguments(flags, program.argv)]


def _spawn(
    arguments: list[str],
    place: Destination,
    hash_seed: str,
    mask: set[int],
    control: Control | None,
) -> int:
    environment = {**os.environ, hashing.VARIABLE: hash_seed}
    if control is not None:
        _core.control.fix_addresses()
    try:
        return os.posix_spawn(
            sys.executable,
            arguments,
            environment,
            setsigmask=mask | FORWARDED,  # till the program begins
            # Python itself ignores these; the program must start as from a shell.
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
        )
    except (OSError, ValueError) as error:
        place.remove_spool()
        raise RecordingError(f"cannot start {sys.executable}: {error}") from error


def _pass_on(number: int, family: Family, stop: Stop) -> None:
    stop.note(number)
    family.pass_on(number)


def _attend(
    family: Family, relay: SignalRelay, timeout: float | None, orphans: float, stop: Stop
) -> bool:
    """Wait until all processes of the run have ended, or until those that outlive the first one
    have had `orphans` seconds; whether the timeout has ended them."""
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    means = iter(_ESCALATION)
    timed_out = False
    ended = math.inf  # the first process
    while True:
        left = deadline - time.monotonic()
        if family.status is not None:
            # An orphan may be no child of ours, whose end is not told.
            left = min(left, max(_LOOK, (time.monotonic() - ended) * _LOOK_AGAIN))
        info = relay.wait(None if left == math.inf else left)
        if info is not None and info.si_signo != signal.SIGCHLD:
            if not family.ignores(info.si_signo):
                stop.note(info.si_signo)
            if not relay.went_to_program(info):
                family.pass_on(info.si_signo)
            continue
        family.reap()
        if family.status is not None:
            if not (family.has_others() and family.alive()):
                family.reap()
                return timed_out
            if ended == math.inf:
                ended = time.monotonic()
                if not timed_out:
                    deadline = min(deadline, ended + orphans)
        if time.monotonic() >= deadline:
            if family.status is not None and not timed_out:
                return False
            timed_out = True
            number = next(means, signal.SIGKILL)
            stop.note(number)
            family.signal(number)
            deadline = time.monotonic() + _GRACE


def _describe_end(
    place: Destination,
    family: Family,
    seconds: float,
    timeout: float | None,
    stop: Stop,
    control: Control | None,
) -> None:
    left = family.alive()
    end: dict[str, object] = {
        "exit_status": {str(MAIN_PROCESS): family.status},
        "timeout": timeout,
        **stop.fields(),
        "left": left,
        "reaped": family.reaped,
        "duration": round(seconds * 1e9),
    }
    if control is not None:
        end.update(control.outcome(place.spool))
    try:
        place.describe_end(end)
    finally:
        if left and control is not None:
            _core.control.leave_control(place.spool)


def _finish(
    place: Destination,
    status: int | None = None,
    seconds: float | None = None,
    timeout: float | None = None,
    stop: Stop | None = None,
    control: Control | None = None,
) -> Run:
    summary = {} if control is None else _core.control.control_summary(place.spool)
    from ..progress import working  # not before the program has been started

    with working(f"writing {place.file}"):
        counts = place.finish()
    return Run(
        file=place.file,
        events=counts["events"],
        threads=counts["threads"],
        processes=counts["processes"],
        bytes=counts["bytes"],
        exit_status=status,
        seconds=seconds,
        timeout=timeout,
        signals=() if stop is None else tuple(stop.signals),
        control=control,
        steps=summary.get("steps", 0),
        uncontrolled=summary.get("uncontrolled", 0),
    )


def recover(spool: Path, *, output: Path | None = None, force: bool = False) -> Run:
    """Write the trace of a run whose supervisor has not, and remove the spool.

    Raises UsageError if `spool` is not a spool directory, is in use, or the file exists,
    NothingRecordedError if there is nothing in it, or the file is the trace of this run already.
    """
    if destination.is_unused(spool):
        spool.rmdir()
        raise NothingRecordedError("the run was killed before it had started the program")
    try:
        descriptor = os.open(spool / destination.RUN, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        raise UsageError(f"{spool} is not the spool directory of a run") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{spool} is in use: the run has not ended") from None
        file = output or spool.with_name(spool.name.removesuffix(destination.SPOOL_SUFFIX))
        if file == spool:
            raise UsageError("give the trace file with -o")
        place = Destination(file, spool)
        if place.is_finished():
            place.remove_spool()
            raise NothingRecordedError(f"{file} is the trace of this run")
        destination.check(file, force=force)
        return _finish(place)
    finally:
        os.close(descriptor)
