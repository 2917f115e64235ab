"""The interleaving as a table: one row for each event, one column for each thread.

A row whose thread is not that of the row above has an arrow from the old column to the new one, so
that each switch is seen. Threads that do not fit beside each other share the last column, where
each event names its thread.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby

import click

from ..events import Event, Op, Site, Thread
from ..log import Events
from ..printing import name, printable
from ..trace import Trace
from .folding import in_processes
from .internals import left_out, own_threads
from .phrases import (
    line_of_site,
    own_name,
    phrase,
    plural,
    process_name,
    thread_name,
)
from .waits import WaitClock, cause, unfinished_lines
from .window import Shown, Window, select

_COLOURS = ("cyan", "yellow", "magenta", "green", "blue", "bright_red")
_NARROWEST = 22
_WIDEST = 44
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_FIXED = 7 + 2 + 10 + 2  # the columns of the sequence number and the time


def table(
    trace: Trace,
    window: Window | None = None,
    width: int = 120,
    colour: bool = False,
    marked: frozenset[int] = frozenset(),
) -> Iterator[str]:
    """The lines of the table, the most important facts of the run above and below it.

    `width` is that of the terminal in characters; `marked` are events to mark with a `!` (those
    of the findings).
    """
    window = window or Window()
    yield from _heading(trace, window)
    if not len(trace.events):
        yield "No event was recorded."
        return
    shown = select(trace, window)
    yield from _Grid(trace, shown, width, colour, marked).lines()
    yield ""
    yield from unfinished_lines(trace)


def _heading(trace: Trace, window: Window) -> Iterator[str]:
    program = trace.header.get("program")
    hides = window.hides(trace)
    threads = own_threads(trace) if hides else trace.threads
    counts = [
        plural(len(trace.events), "event"),
        plural(len(threads), "thread"),
        plural(max(1, len(trace.processes)), "process"),
    ]
    yield (
        (f"{name(str(program))}: " if program else "")
        + ", ".join(counts)
        + (left_out(trace) if hides else "")
    )
    if trace.truncated:
        yield f"The trace is cut off: {trace.truncated}"
    for note in trace.notes:
        yield f"Note: {printable(note)}"
    yield ""


class _Grid:
    def __init__(
        self, trace: Trace, shown: Shown, width: int, colour: bool, marked: frozenset[int]
    ) -> None:
        self.trace = trace
        self.shown = shown
        self.colour = colour
        self.marked = marked
        counts, sites = _used(trace, shown.events)
        threads = list(in_processes(trace.threads[number - 1] for number in counts))
        place = max((_cells(line_of_site(site)) for site in sites), default=0)
        self.place_width = min(place, 28)
        room = max(width, 60) - _FIXED - self.place_width - 2
        fit = max(1, room // (_NARROWEST + 2))
        self.own: list[Thread] = threads
        if len(threads) > fit:
            busiest = sorted(threads, key=lambda t: (-counts[t.id], t.id))[: fit - 1]
            self.own = list(in_processes(busiest))
        self.shared = len(threads) - len(self.own)
        columns = len(self.own) + bool(self.shared)
        self.column_width = max(_NARROWEST, min(_WIDEST, room // max(1, columns) - 2))
        self.columns = columns
        self.index = {t.id: i for i, t in enumerate(self.own)}
        self.places: dict[int, str] = {}

    def lines(self) -> Iterator[str]:
        header = self._header()
        for line in header:
            yield click.style(line, bold=True) if self.colour else line
        rule = "─" * _cells(header[-1])
        yield _dim(rule) if self.colour else rule
        clock = WaitClock()
        before: int | None = None
        for i, event in enumerate(self.shown.events):
            gap = self.shown.gaps.get(i)
            if gap:
                yield _left_out(gap)
                before = None
            column = self.index.get(event.thread.id, self.columns - 1)
            yield self._line(event, clock.waited(event), column, before)
            before = column
        last = self.shown.gaps.get(len(self.shown.events))
        if last:
            yield _left_out(last)

    def _header(self) -> list[str]:
        """The threads' names; above them those of their processes, where there are several."""
        many = any(thread.in_many for thread in self.own)
        names = [own_name(t) if many else thread_name(t) for t in self.own]
        if self.shared:
            names.append(f"{self.shared} more threads" if self.own else "threads")
        cells = [_pad(_fit(one, self.column_width), self.column_width) for one in names]
        line = f"{'event':>7}  {'time':>10}  " + "  ".join(cells) + "  " + "where"
        if not many:
            return [line]
        groups: list[str] = []
        for process, members in groupby(self.own, key=lambda t: t.process):
            width = (self.column_width + 2) * len(list(members)) - 2
            groups.append(_pad(_fit(process_name(process), width), width))
        return [(" " * 21 + "  ".join(groups)).rstrip(), line]

    def _line(self, event: Event, waited: int | None, column: int, before: int | None) -> str:
        words = phrase(event, waited, cause(self.trace, event))
        if self.shared and column == self.columns - 1 and event.thread.id not in self.index:
            words = f"{thread_name(event.thread)}: {words}"
        mark = "!" if event.seq in self.marked else " "
        words = _fit(words, self.column_width)
        cells = [" " * self.column_width] * self.columns
        cells[column] = _pad(words, self.column_width)
        gutter = ["  "] * self.columns  # what stands between column i and i + 1
        if before is not None and before < column:
            cells[before] = "╰".ljust(self.column_width, "─")
            for i in range(before, column):
                gutter[i] = "──"
                if i > before:
                    cells[i] = "─" * self.column_width
            gutter[column - 1] = "─▶"
        elif before is not None and before > column:
            rest = self.column_width - _cells(words)
            if rest >= 3:
                cells[column] = words + " ◀" + "─" * (rest - 2)
            for i in range(column, before):
                gutter[i] = "──" if rest >= 3 or i > column else "◀─"
                if i > column:
                    cells[i] = "─" * self.column_width
            cells[before] = "╯".ljust(self.column_width)
        if self.colour:
            cells = self._coloured(cells, column, event)
            gutter = [click.style(g, dim=True) for g in gutter]
        body = "".join(chain.from_iterable(zip(cells, gutter, strict=True)))
        start = f"{event.seq:>7}{mark} {_time(event.t):>10}  "
        if self.colour:
            start = click.style(start, fg="red", bold=True) if mark == "!" else _dim(start)
        place = self._place(event.site)
        line = start + body + (_dim(place) if self.colour else place)
        return line if self.colour else line.rstrip()

    def _place(self, site: Site | None) -> str:
        if site is None:
            return ""
        place = self.places.get(site.id)
        if place is None:
            place = self.places[site.id] = _fit(line_of_site(site), self.place_width)
        return place

    def _coloured(self, cells: list[str], column: int, event: Event) -> list[str]:
        colour = _COLOURS[column % len(_COLOURS)]
        bold = event.op in (Op.WRITE, Op.UPDATE, Op.DELETE)
        return [
            click.style(cell, fg=colour, bold=bold) if i == column else _dim(cell)
            for i, cell in enumerate(cells)
        ]


def _used(trace: Trace, events: Sequence[Event]) -> tuple[Counter[int], list[Site]]:
    """How many of the events each thread has, by its id, and the sites of all of them."""
    pairs = (
        events.by_thread_and_site()
        if isinstance(events, Events)
        else Counter((e.thread.id, 0 if e.site is None else e.site.id) for e in events)
    )
    counts: Counter[int] = Counter()
    for (thread, _), count in pairs.items():
        counts[thread] += count
    return counts, [trace.sites[site - 1] for site in {site for _, site in pairs} - {0}]


def _left_out(count: int) -> str:
    how = "more events" if count < 0 else plural(count, "event")
    return f"      …  {how} left out (--around SEQ, --thread, --object, --head, --tail, --full)"


def _time(ns: int) -> str:
    return f"{ns / 1e6:.3f} ms" if ns < 100_000_000 else f"{ns / 1e9:.4f} s"


def _dim(text: str) -> str:
    return click.style(text, dim=True)


def _cells(text: str) -> int:
    """The width of `text` on a terminal, in character cells."""
    if text.isascii():
        return len(text)
    return len(text) + sum(map(_beyond_one, _NOT_ASCII.findall(text)))


@lru_cache(maxsize=4096)
def _beyond_one(character: str) -> int:
    """By how many cells the character is wider than one."""
    if unicodedata.combining(character):
        return -1
    return 1 if unicodedata.east_asian_width(character) in "WF" else 0


def _fit(text: str, width: int) -> str:
    if _cells(text) <= width:
        return text
    room = width - 1
    for position, c in enumerate(text):
        room -= _cells(c)
        if room < 0:
            return text[:position] + "…"
    return text


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _cells(text))
