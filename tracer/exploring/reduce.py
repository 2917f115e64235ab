"""A failing schedule with as few switches as it takes.

Delta debugging (Zeller and Hildebrandt, 2002) over the switches of the schedule, those first that
take a thread off that could have gone on; each attempt is a run of the program.
"""

from __future__ import annotations

from collections.abc import Callable

from ..runs.schedule import Schedule, Switch
from .runner import Made

MOST_RUNS = 200
"""So many runs are tried at most."""

_SHIFTS = (1, -1, 2, -2, 3, 4)
_FEW = 3
_REPLACED = 60

Switches = tuple[Made, ...]


class Reduction:
    """The reduction of a schedule whose run made the switches `best`.

    `fails` runs a schedule: it gives the switches that the run made, if it failed in the same way.
    """

    def __init__(self, best: Switches, fails: Callable[[Schedule], Switches | None]) -> None:
        self.best = best
        self.runs = 0
        self._fails = fails
        self._tried: set[tuple[Switch, ...]] = set()

    def run(self) -> None:
        """Find the schedule with the fewest switches, `best`, in `runs` runs."""
        while self._leave_out() or self._shift():
            pass
        self._replace()

    def _attempt(self, switches: tuple[Switch, ...]) -> bool:
        """Whether the run of the schedule fails, too, with fewer switches: then it is the best."""
        if switches in self._tried or self.runs >= MOST_RUNS:
            return False
        self._tried.add(switches)
        self.runs += 1
        made = self._fails(Schedule(switches))
        # A run that goes another way from somewhere on may make more of them.
        if made is None or _cost(made) >= _cost(self.best):
            return False
        self.best = made
        return True

    def _leave_out(self) -> bool:
        """Leave out parts of the switches, smaller and smaller ones; whether any could be."""
        parts, better = 1, False
        while self.best and self.runs < MOST_RUNS:
            switches = tuple(made.switch for made in self.best)
            size = -(-len(switches) // parts)
            starts = range(0, len(switches), size)
            if any(self._attempt(switches[:at] + switches[at + size :]) for at in starts):
                better = True
                parts = max(parts - 1, 1)
            elif size == 1:
                break
            else:
                parts = min(2 * parts, len(switches))
        return better

    def _shift(self) -> bool:
        """Leave one switch out and make another one a little earlier or later; whether that could
        be. Two switches at the edges of what matters may be one in its middle."""
        switches = tuple(made.switch for made in self.best)
        if len(switches) < 2:
            return False
        for left_out in range(len(switches)):
            for moved, switch in enumerate(switches):
                if moved == left_out:
                    continue
                for shift in _SHIFTS:
                    changed = list(switches)
                    changed[moved] = switch._replace(turn=max(switch.turn + shift, 1))
                    del changed[left_out]
                    if self._attempt(tuple(changed)):
                        return True
        return False

    def _replace(self) -> None:
        """Have one switch between the same threads do what two or three did: where the thread that
        matters was to come first, the one by default may do as well."""
        switches = tuple(made.switch for made in self.best)
        if not 1 < len(switches) <= _FEW:
            return
        threads = sorted({name for one in switches for name in (one.giver, one.taker) if name})
        last = max(one.turn for one in switches)
        pairs = [(one, other) for one in threads for other in threads if one != other]
        tried = [(turn, *pair) for turn in range(1, last + 1) for pair in pairs]
        any(self._attempt((Switch(one, turn, other),)) for turn, one, other in tried[:_REPLACED])


def _cost(made: Switches) -> tuple[int, int]:
    return sum(one.preempts for one in made), len(made)
