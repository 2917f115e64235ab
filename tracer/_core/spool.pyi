"""The words of a spool, for recorder and reader alike."""

from os import PathLike

RUN_FILE: str
END_FILE: str
PAGE_FILE: str
GAPS: list[str]
"""What gaps there are, by name."""
FLOW_ROLES: list[tuple[str, int]]
"""What flows make, with the codes."""

def definitions_file(process: int) -> str:
    """The name of the definitions log of the process with this index."""

def has_records(spool: str | PathLike[str]) -> bool:
    """Whether any thread has begun to record into this spool.

    Raises OSError if it cannot be read.
    """
