"""How a run ended: what was cut off has not been seen to its end, and is not clean."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass

from ..events import Op, Outcome, Process, Reason, Thread
from ..log import Log

_SUPERVISED = ("script", "module", "command")
_LATE = 1_000_000_000  # how long after the program the supervisor may hear of Ctrl-C, ns
_BESIDES = 200  # … and how many events there may be in between
_NO_END = 2**62
_ENDS_OF_WAITS = (Op.JOIN, Op.ACQUIRE, Op.WAIT, Op.PUT, Op.GET, Op.RECV, Op.POLL, Op.RESULT)
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)

# What is known of a signal that the run did not send, and what to do about it.
_KILLED = (
    "nothing in the trace says by whom",
    "Find out who sent it; where memory runs out, the system kills.",
)
_KILLED_BY: dict[int, tuple[str, str]] = {
    **dict.fromkeys(
        _CRASHES, ("it crashed in C code", "python -X faulthandler shows where it crashed.")
    ),
    signal.SIGPIPE: (
        "what was to read its output had gone",
        "Let its output be read to the end.",
    ),
    signal.SIGALRM: ("its alarm went off, and nothing handled it", "Let it run to its end."),
}


def stop_signals(trace: Log) -> list[int]:
    """The signals with which the run was told to end from outside, in their order."""
    stopped = trace.header.get("stopped")
    return list(stopped["signals"]) if isinstance(stopped, dict) else []


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run ended, for those who look for what hung then.

    `stuck`: because no thread could go on. `stop` is the first event that may have come after it
    was told to end from outside, 0 if it was not; `over` when it was over, ns, 0 if unknown;
    `lost` are the ids of processes that had ended by then, though no event tells of it.
    """

    stuck: bool = False
    stop: int = 0
    over: int = 0
    lost: tuple[int, ...] = ()


def ending(trace: Log) -> Ending:
    """How the run of the trace ended."""
    over = trace.header.get("duration")
    stop = _stop(trace)
    return Ending(
        stuck=bool(control_of(trace).get("deadlock")),
        stop=stop,
        over=over if isinstance(over, int) else 0,
        lost=tuple(_lost(trace, stop)),
    )


def _stop(trace: Log) -> int:
    stopped = trace.header.get("stopped")
    if not isinstance(stopped, dict):
        return _interruption(trace)
    seq = int(stopped["seq"])
    if trace.header.get("timeout") is not None:
        return seq
    # Ctrl-C goes to the program and to the supervisor, which may hear of it a little later.
    last = list(trace.events.filter(seq_range=(seq - _BESIDES, seq)))
    cut = [event.seq for event in last if event.outcome is Outcome.INTERRUPTED]
    return min([seq, *(one for one in cut if last[-1].t - trace.events.at(one).t < _LATE)])


def _interruption(trace: Log) -> int:
    """Where the main thread was interrupted, if the program died of a SIGINT that was sent to it
    alone; else 0."""
    if not trace.processes or trace.processes[0].exit_status != -signal.SIGINT:
        return 0
    ends = trace.events.filter(thread=1, op=_ENDS_OF_WAITS)
    cut = [event.seq for event in ends if event.outcome is Outcome.INTERRUPTED]
    return cut[-1] if cut else 0


def _lost(trace: Log, stop: int) -> Iterator[int]:
    """Processes that ended by os._exit or a signal of their own before the run was stopped: when
    they were told to end they did nothing more."""
    if not stop or len(trace.processes) < 2:
        return
    ended = trace.events.threads(Op.END)
    later = {event.thread.process.id for event in trace.events.filter(seq_range=(stop, _NO_END))}
    sent = _Sent.of(trace)
    for process in trace.processes[1:]:
        status = process.exit_status
        if status is None or process.id in later:
            continue
        first = next((one.id for one in trace.threads if one.path == process.path), None)
        signalled = (process.id, -status)
        by_itself = (
            status >= 0
            or signalled in sent.to_itself
            or (
                -status in (*_CRASHES, signal.SIGKILL)
                and -status not in stop_signals(trace)
                and signalled not in sent.by_others
            )
        )
        if by_itself and first not in ended:
            yield process.id


@dataclass(frozen=True, slots=True)
class _Sent:
    """The ids of the processes that the run itself has sent signals to, and these."""

    by_others: frozenset[tuple[int, object]]
    to_itself: frozenset[tuple[int, object]]

    @classmethod
    def of(cls, trace: Log) -> _Sent:
        begun = {thread.process.id for thread in trace.threads}
        others: set[tuple[int, object]] = set()
        itself: set[tuple[int, object]] = set()
        for event in trace.events.filter(op=Op.TERMINATE):
            sender = event.thread.process
            if event.object is not None and event.object.thread is not None:
                receiver = event.object.thread.process
                (itself if receiver is sender else others).add((receiver.id, event.value))
            else:  # one of those that were killed before they began
                unborn = (one for one in trace.processes if one.id not in begun)
                others |= {(one.id, event.value) for one in unborn if one.parent is sender}
        return cls(frozenset(others), frozenset(itself))

    def __contains__(self, signalled: tuple[int, int]) -> bool:
        return signalled in self.by_others or signalled in self.to_itself


def stopped(trace: Log) -> Iterator[Reason]:
    """A run that was ended from outside. A program that ends with status 0 when it is told to by
    SIGTERM and the like has a handler for it: that is its end. Not so with Ctrl-C, which ends any
    program that catches exceptions."""
    later = "what it would have done later is not in the trace"
    controlled = "control" in trace.header
    if isinstance(timeout := trace.header.get("timeout"), int | float):
        advice = "Give it more time."
        if not controlled:
            advice = (
                "Give it more time, or run it with --seed 0: there waits cost no time, and a hang"
                " ends the run at once."
            )
        yield Reason(
            "timeout", f"the run was ended by --timeout after {timeout:g} s: {later}", advice
        )
    elif control_of(trace).get("endless"):
        steps = control_of(trace)["steps"]
        yield Reason(
            "endless",
            f"the run was ended after {steps:,} steps: {later}",
            "Where threads wait by asking again and again, none may ever get what it waits for.",
        )
    elif signals := stop_signals(trace):
        status = trace.processes[0].exit_status if trace.processes else None
        if signals[0] != signal.SIGINT and status == 0:
            return
        name = "Ctrl-C (SIGINT)" if signals[0] == signal.SIGINT else _name(signals[0])
        advice = "Let it run to its end."
        if not controlled:
            advice += " If it never ends, --seed 0 says so at once."
        yield Reason("interrupted", f"the run was ended by {name}: {later}", advice)


def killed(trace: Log) -> Iterator[Reason]:
    """Processes that a signal has killed which is not known to come from the run itself."""
    sent = _Sent.of(trace)
    ours = stop_signals(trace)
    by_signal: dict[int, list[str]] = {}
    for process in trace.processes:
        number = -(process.exit_status or 0)
        if number > 0 and number not in ours and (process.id, number) not in sent:
            by_signal.setdefault(number, []).append(_called(process))
    for number, names in sorted(by_signal.items()):
        why, advice = _KILLED_BY.get(number, _KILLED)
        yield Reason("killed", f"{_listed(names)} killed by {_name(number)}: {why}", advice)


def left_threads(trace: Log) -> Iterator[Reason]:
    """Threads that were still at work when their process ended without waiting for them. Daemon
    threads are meant to be, and one other is who ended the process."""
    if trace.header.get("mode") not in _SUPERVISED or stop_signals(trace):
        return
    ended, begun = trace.events.threads(Op.END), trace.events.threads(Op.BEGIN)
    itself = _Sent.of(trace).to_itself
    for process in trace.processes:
        status = process.exit_status
        if status is None or (status < 0 and (process.id, -status) not in itself):
            continue
        how = "by os._exit or exec" if status >= 0 else f"itself by {_name(-status)}"
        left = [
            thread
            for thread in trace.threads
            if thread.process is process and thread.id in begun - ended and not _is_helper(thread)
        ]
        if len(left) > 1 and not control_of(trace).get("deadlock"):
            names = _listed([thread.label for thread in left])
            yield Reason(
                "threads-cut-off",
                f"{names} still running when {_called(process)} ended {how}",
                "Join the threads before the process ends.",
            )


def unknown_end(trace: Log) -> Iterator[Reason]:
    """A run whose supervisor did not live to say how it ended."""
    if trace.header.get("mode") in _SUPERVISED and "exit_status" not in trace.header:
        yield Reason(
            "unknown-end",
            "how the run ended is not known: its supervisor was killed before it",
            "Run it again.",
        )


def control_of(trace: Log) -> dict[str, object]:
    """What the header says of the control of the run; empty if it was free."""
    control = trace.header.get("control")
    return control if isinstance(control, dict) else {}


def _is_helper(thread: Thread) -> bool:
    return thread.internal or thread.daemon


def _called(process: Process) -> str:
    return process.name or process.path


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{shown} {'was' if len(names) == 1 else 'were'}"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
