"""What an engine found, with the rows of the trace: what explanations are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..events import Event, Location, Object, Rule, Status
from ..log import Log
from .endings import ending
from .scene import Scene

if TYPE_CHECKING:
    from .._core.analysis import RawFinding


@dataclass(frozen=True)
class Found:
    """`events` are in the order of the log, `locks` those held at each of them. `object` is what it
    is about, or what the location is a part of."""

    trace: Log
    raw: RawFinding
    events: tuple[Event, ...]
    location: Location | None
    object: Object | None
    locks: tuple[tuple[Object, ...], ...]

    @property
    def rule(self) -> Rule:
        return Rule(self.raw["rule"])

    @property
    def status(self) -> Status:
        return Status(self.raw["status"])

    @property
    def observed(self) -> bool:
        return self.status is Status.OBSERVED

    @property
    def order(self) -> Sequence[Event]:
        """The events in the order that shows it."""
        if self.observed:
            return self.events
        by_seq = {event.seq: event for event in self.events}
        return [by_seq[seq] for seq in self.raw["witness"]]

    @cached_property
    def scene(self) -> Scene:
        """The moment at which its threads hung."""
        waiting = frozenset(self.raw["threads"])
        return Scene(self.trace, waiting, ending(self.trace).stop)
