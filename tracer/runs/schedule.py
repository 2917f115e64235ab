"""Schedules as a text: the switches that a run under control makes."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import UsageError


class Switch(NamedTuple):
    """When the thread `giver` chooses for the `turn`th time who goes on, it is `taker`: threads by
    their logical paths. An empty path is no thread of the run."""

    giver: str
    turn: int
    taker: str

    def __str__(self) -> str:
        return f"{self.giver}@{self.turn}>{self.taker}"


_LATE = "late"


class Schedule(NamedTuple):
    """A schedule: what differs from the one by default, in which a thread goes on for as long as it
    can, and after it the one that was made first; `late` says that waits may end by their deadlines
    before these have come.

    A switch counts what its own thread does, so each stays what it is when others are left out.
    """

    switches: tuple[Switch, ...] = ()
    late: bool = False

    def __str__(self) -> str:
        """The text that says the same schedule in a bug report: `main.1@3>main.2,main.2@5>main`."""
        return ",".join([_LATE] * self.late + [str(switch) for switch in self.switches])

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """The opposite of `str`. Raises UsageError for a text that is no schedule."""
        words = [word for word in text.split(",") if word]
        late = words[:1] == [_LATE]
        return cls(tuple(map(_switch, words[late:])), late)


def _switch(word: str) -> Switch:
    giver, at, rest = word.partition("@")
    turn, arrow, taker = rest.partition(">")
    if not (at and arrow and turn.isascii() and turn.isdigit()) or int(turn) >= 2**32:
        raise UsageError(f"{word!r} is no switch of a schedule, such as main.1@3>main.2")
    return Switch(giver, int(turn), taker)
