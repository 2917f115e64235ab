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
from types import TracebackType

from tracer import _core

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
        self._reports, report = os.pipe()
        supervisor = os.getpid()
        witness = os.fork()
        if witness == 0:
            self._bear_witness(supervisor, report)
        self.processes.add(witness)
        os.close(report)
        return self

    @staticmethod
    def _bear_witness(supervisor: int, report: int) -> None:
        try:
            _core.die_with_parent(supervisor)
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

    def come(self) -> list[int]:
        """The signals that have come already, whoever they were sent to."""
        numbers = []
        while (info := self.wait(0)) is not None:
            if info.si_signo in FORWARDED:
                self.went_to_group(info)  # or the witness's report would be taken for another's
                numbers.append(info.si_signo)
        return numbers

    def went_to_group(self, info: signal.struct_siginfo) -> bool:
        """Whether the whole process group got this signal, and so the program has it."""
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
        os.close(self._reports)
        # The program has ended: what still came for it must not kill the supervisor.
        while signal.sigtimedwait(FORWARDED | {signal.SIGCHLD}, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)
