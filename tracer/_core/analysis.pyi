"""What the engines find in a trace, and in which order its events are."""

from typing import TypedDict

from tracer._core.trace import TraceData

RULES: list[tuple[str, str]]

class Names:
    """What the objects and the locations of a trace are called. `script` is what the module of the
    script's own globals is called, which objects go without."""

    def __init__(self, data: TraceData, script: str | None = None) -> None: ...
    def object(self, id: int) -> str: ...
    def location(self, id: int) -> str: ...

class RawFinding(TypedDict):
    """A finding as numbers: ids of rows, sequence numbers. `events` are in the order of the log,
    `witness` in the order that shows a predicted finding; it is empty for an observed one. `places`
    are the locations that show the same at the same sites, `location` one of them."""

    rule: str
    status: str
    location: int
    object: int
    events: list[int]
    locks: list[list[int]]
    sites: list[int]
    threads: list[int]
    witness: list[int]
    count: int
    total: int | None
    places: list[int]
    not_needed: list[int]

def find_raw(
    data: TraceData, stuck: bool = False, stop: int = 0, over: int = 0, lost: list[int] = ...
) -> list[RawFinding]: ...
def unfinished_rows(data: TraceData) -> list[tuple[int, int, int, str]]: ...

class Precedence:
    """The order of a trace's events, read once. It keeps at most `most` components of clocks
    (default: 256 MiB of them); a question about an event after those reads the log again."""

    def __init__(self, data: TraceData, most: int = ...) -> None: ...
    def before(self, a: int, b: int) -> bool:
        """Whether event `a` happened before `b`. False for a number that no event has."""

def sync_edges(data: TraceData, first: int, last: int) -> list[tuple[int, int, str]]: ...
def equivalence_class(data: TraceData) -> int:
    """A hash of the run's happens-before class: runs that differ in the order of independent
    events alone have the same."""
