"""Where a graph's nodes stand: a lane for each thread, side by side; a row for each event, down.

Each event has a row of its own, so that the picture reads from top to bottom as the interleaving.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from ..events import Event, Process
from .slicing import Run, Slice

LANE_WIDTH = 3.4
ROW_HEIGHT = 0.52
AXIS = -2.3
TITLE = 0.45
"""Inches: between two lanes, between two rows, from the first lane to the time axis, and from a
lane's head to the title of its process."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A node's name and place in inches; y grows upwards, as Graphviz has it."""

    node: str
    x: float
    y: float

    @property
    def pos(self) -> str:
        """The place as a `pos` attribute that the engine must not change."""
        return f"{self.x:g},{self.y:g}!"


def heads(slice_: Slice) -> dict[int, Spot]:
    """The spot of each lane's head, by thread id."""
    return {
        thread.id: Spot(f"t{thread.id}", round(i * LANE_WIDTH, 3), 0.0)
        for i, thread in enumerate(slice_.lanes.threads)
    }


def processes(slice_: Slice) -> list[tuple[Process, Spot, float]]:
    """Where there are several: each process, the spot of its title, and how wide that is."""
    threads = slice_.lanes.threads
    if not any(thread.in_many for thread in threads):
        return []
    titles: list[tuple[Process, Spot, float]] = []
    first = 0
    for process, members in groupby(threads, key=lambda thread: thread.process):
        count = len(list(members))
        x = (first + (count - 1) / 2) * LANE_WIDTH
        spot = Spot(f"p{process.id}", round(x, 3), TITLE)
        titles.append((process, spot, round(count * LANE_WIDTH - 0.3, 3)))
        first += count
    return titles


def spots(slice_: Slice) -> list[tuple[Event | Run, Spot]]:
    """Each item of the slice with its spot."""
    lanes = heads(slice_)
    placed: list[tuple[Event | Run, Spot]] = []
    for row, item in enumerate(slice_.items, 1):
        name = f"r{item.first}" if isinstance(item, Run) else f"e{item.seq}"
        x = lanes[item.thread.id].x
        placed.append((item, Spot(name, x, round(-(row + 0.35) * ROW_HEIGHT, 3))))
    return placed


def below(slice_: Slice) -> float:
    """The y below the last row, where lanes that were cut off end."""
    return round(-(len(slice_.items) + 1.6) * ROW_HEIGHT, 3)


def foot(slice_: Slice, cut_off: bool) -> float:
    """The y of the legend; `cut_off` says whether there are lanes that end `below`."""
    return round(-(len(slice_.items) + (3 if cut_off else 1.9)) * ROW_HEIGHT, 3)
