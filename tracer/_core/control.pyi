"""A run under control: one thread at a time."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

def in_other_interpreter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A builtin function of this name that calls the function, which runs code in another
    interpreter: meanwhile the calling thread is neither recorded nor under control."""

STRATEGIES: list[str]

"""The names of the strategies that a run can be started with; `replay` has to have a trace."""

def control(
    spool: str | PathLike[str],
    strategy: str,
    seed: int,
    depth: int,
    length: int,
    follow: bool,
    most_steps: int,
    explores_time: bool,
    switches: Sequence[tuple[str, int, str]],
) -> None:
    """Put this process, the first of its run, under control. `switches` are those of the strategy
    "schedule". Raises ValueError for an unknown strategy, OSError if the spool cannot be written.
    """

def join_control(spool: str | PathLike[str], slot: int) -> None:
    """Put this process, for which its parent has made the slot, under control: returns when it is
    its turn. Raises OSError if the spool cannot be written."""

def has_to_wait(op: int, object: int) -> bool | None:
    """Whether the operation, whose gate the calling thread has passed, has to wait, and a REQUEST
    comes first. None: unless there is what it waits for."""

def bear_process(path: str) -> int | None:
    """The calling thread is about to make a process of that path: the slot that it is to have, if
    it is to be under control."""

def forking_process() -> None:
    """The calling thread is about to fork the process that it is making."""

def process_made(pid: int | None) -> None:
    """The process has been made, with that pid (0: not known), or (None) has not."""

def prepare_control() -> None:
    """Replace what control needs replaced, in a process that comes under control later. To be
    called before anything is recorded."""

def controlled() -> bool: ...
def gate(op: int, target: int) -> None:
    """A scheduling point: the calling thread is about to do the operation on the object."""

def await_end(thread_id: int, timeout: float | None = None) -> bool:
    """Wait for the end of a thread under control; False if it has not ended in time."""

def block(object: object, deadline: int | None = None, op: int = 0) -> bool:
    """Wait until `wake` is called for the object, or virtual time (ns) has come to the deadline:
    then False. `op` is what the thread does then, if that is an event."""

def wake(object: object) -> None:
    """Let those go on who wait for the object."""

def deadline_in(timeout: float) -> int:
    """The virtual time (ns) in so many seconds."""

def control_summary(spool: str | PathLike[str]) -> dict[str, int]:
    """What the run was like: `steps`, `uncontrolled` (how often a thread was set
    aside), `started` and `duration` in virtual ns, and whether it ended in a `deadlock`, or
    was `endless` (0 or 1)."""

def switches_made(spool: str | PathLike[str]) -> list[tuple[int, int, int, bool, int]] | None:
    """The choices of a run that were not those by default: the name of the thread that chose, for
    which time, the name of who went on, whether the first could have, and the number of the event
    that came next. None if there were more than are kept."""

def name_of(path: str) -> int:
    """What a thread of the path is called in `switches_made`."""

def leave_control(spool: str | PathLike[str]) -> None:
    """By the supervisor: the processes that are left running go on without control."""

def fix_addresses() -> bool:
    """Give the processes started from now on the same addresses in every run; False if the
    system does not allow it."""
