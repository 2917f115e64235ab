"""What a trace gives away: the order of its events, and the bugs that show in it."""

from __future__ import annotations

from .findings import find
from .order import happens_before, sync_edges
from .unfinished import Unfinished, unfinished
from .verdict import Verdict, verdict

__all__ = [
    "Unfinished",
    "Verdict",
    "find",
    "happens_before",
    "sync_edges",
    "unfinished",
    "verdict",
]
