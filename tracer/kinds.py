"""What a finding can be: its kind, its rule (a pattern of that kind) and its status.

The core's names are the same (`_core.analysis.RULES`). What is said of each rule stands in
`tracer.analysis.rules`; docs/reading-a-report.md and docs/json.md give the meaning.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """A family of bugs."""

    LOST_UPDATE = "lost-update"
    DATA_RACE = "data-race"
    ATOMICITY_VIOLATION = "atomicity-violation"
    DEADLOCK = "deadlock"


class Status(StrEnum):
    """Whether it happened in the run, or in another order of its events only."""

    OBSERVED = "observed"
    PREDICTED = "predicted"


class Rule(StrEnum):
    """A pattern of a kind, as an engine of the core looks for it."""

    LOST_UPDATE = "lost-update"
    # Data races.
    ACCESS = "access"
    ITERATE = "iterate"
    ORDER = "order"  # no finding, but a note: only the order is open
    # Atomicity violations of variables …
    ACT_FAILED = "act-failed"
    BOTH_ACT = "both-act"
    CHECK_THEN_ACT = "check-then-act"
    FAILED = "failed"
    LOST_WAKEUP = "lost-wakeup"
    # … of Events, locks, barriers, futures …
    FLAG = "flag"
    LOOK_ACQUIRE = "look-acquire"
    LOOK_BARRIER = "look-barrier"
    LOOK_FUTURE = "look-future"
    LOOK_RELEASE = "look-release"
    # … and of queues.
    QUEUE_EMPTY = "queue-empty"
    QUEUE_EMPTY_FED = "queue-empty-fed"
    QUEUE_GET = "queue-get"
    QUEUE_GET_FAILS = "queue-get-fails"
    QUEUE_PUT = "queue-put"
    QUEUE_PUT_FAILS = "queue-put-fails"
    QUEUE_PUT_TWICE = "queue-put-twice"
    # Deadlocks.
    CIRCLE = "circle"
    HANG = "hang"
