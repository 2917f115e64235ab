"""The supervisor's signals: passed on to the program exactly once.

A signal may be meant for the supervisor alone (`kill PID`), and then the program must get it from
us; or it went to the whole process group (Ctrl-C in a terminal, `kill -- -PGID`), and then the
program has it already. The kernel says which of its own signals came from a terminal. For those
that a process sent, a *witness*, a small process in our group that does nothing but wait for
signals, tells: what it got too was sent to the group.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Sequence
from types import TracebackType

from .. import _core

FORWARDED = frozenset(
    {
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGQUIT,
        signal.SIGUSR1,
        signal.SIGUSR2,
    }
)

_SI_USER = 0
_SI_TKILL = -6

# The kernel hands a group signal to all processes in one go; this is for a loaded machine, s.
_WITNESS_PATIENCE = 0.25


class SignalRelay:
    """Context manager: signals of this process are held back and handed out by `wait`.

    `mask` is the signal mask that was in force before, for the program to start with.
    """

    def __init__(self) -> None:
        self.mask: set[int] = set()
        self.processes: set[int] = set()
        """The pids of the children that are the relay's, as far as they live."""
        self._reports = -1

    def __enter__(self) -> SignalRelay:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.mask = {
            int(number)
            for number in signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED | {signal.SIGCHLD})
        }
        return self

    def call_witness(self, program: Sequence[str]) -> None:
        """Make the witness; `program` is the command line of the program, which runs already, and
        has held back all that has come so far."""
        self._reports, report = os.pipe()
        supervisor = os.getpid()
        witness = os.fork()
        if witness == 0:
            self._bear_witness(supervisor, report, program)
        self.processes.add(witness)
        os.close(report)

    @staticmethod
    def _bear_witness(supervisor: int, report: int, program: Sequence[str]) -> None:
        try:
            _core.os.die_with_parent(supervisor)
            shown, name = os.fsencode(" ".join(program)), os.path.basename(program[0])
            _core.os.look_like(shown, os.fsencode(name))
            # Whoever reads our output must see its end when the program has gone, and a lock on
            # the spool is the supervisor's alone.
            os.closerange(0, report)
            os.closerange(report + 1, max(map(int, os.listdir("/proc/self/fd"))) + 1)
            while True:
                os.write(report, bytes([signal.sigwait(FORWARDED)]))
        finally:
            os._exit(0)

    def wait(self, timeout: float | None) -> signal.struct_siginfo | None:
        """The next signal, or None when `timeout` (seconds) has passed."""
        wanted = FORWARDED | {signal.SIGCHLD}
        if timeout is None:
            return signal.sigwaitinfo(wanted)
        return signal.sigtimedwait(wanted, max(timeout, 0))

    def come(self, pass_on: Callable[[int], None]) -> None:
        """Pass on what has come up to now, whoever it was sent to: the program holds it back, so
        that twice is once for it."""
        infos = []
        while (info := signal.sigtimedwait(FORWARDED, 0)) is not None:
            infos.append(info)
            pass_on(info.si_signo)
        for info in infos:
            self.went_to_program(info)  # or the witness's report would be taken for another's

    def went_to_program(self, info: signal.struct_siginfo) -> bool:
        """Whether the program got this signal as well as we."""
        if info.si_code not in (_SI_USER, _SI_TKILL):
            return True
        while select.select([self._reports], [], [], _WITNESS_PATIENCE)[0]:
            reported = os.read(self._reports, 1)
            if not reported:
                return False
            if reported[0] == info.si_signo:
                return True
        return False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for witness in self.processes:
            os.kill(witness, signal.SIGKILL)
            os.waitpid(witness, 0)
        if self._reports >= 0:
            os.close(self._reports)
        # The program has ended: what still came for it must not kill the supervisor.
        while signal.sigtimedwait(FORWARDED | {signal.SIGCHLD}, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
