"""What a replayed run is to do next."""

from collections.abc import Callable
from os import PathLike
from typing import Any, NoReturn

def follow_trace(path: str | PathLike[str], follow: bool) -> None:
    """Loads the trace that the strategy "replay" follows; before `control`. With `follow` the run
    goes on where it does something else."""

def stop_at(index: int, debugger: Callable[[], object]) -> None:
    """Call the debugger, in the thread that is about to make it, before the event at the index of
    the trace that is followed. After `control`."""

def aside(function: Callable[[], object]) -> object:
    """Call the function while the calling thread is neither under control nor recorded, and all
    others wait."""

def replay_position() -> int:
    """The index of the event that a replayed run makes next."""

def end_replay() -> NoReturn:
    """End all processes of a replayed run."""

def replaying() -> bool:
    """Whether this process follows a trace to the letter."""

def expected_outcome(op: int) -> int | None:
    """The outcome that a replayed run's next event has if it is this one, of the calling thread."""

def expected_value(op: int, given: Any) -> Any:
    """The value that a replayed run's next event has if it is this one, of the calling thread; else
    the given one."""

def expected_link() -> int:
    """The number of the event to which a replayed run's next event, of the calling thread, has a
    link; 0 if there is none."""

def to_come(op: int, object: int) -> bool:
    """Whether the calling thread's next event in a replayed run, be it its turn or not, is this one
    on the object."""

def count_to_come(op: int, object: int) -> int:
    """The value, a number, of the calling thread's next event in a replayed run, be it its turn or
    not, if it is this one on the object; else 0."""

def name_to_come(op: int) -> str | None:
    """The name of the object of the calling thread's next event in a replayed run, if it is this
    one."""

def expected(op: int) -> bool:
    """Whether a replayed run has this event of the calling thread next."""
