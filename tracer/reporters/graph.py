"""The happens-before graph: lanes of events in time order, synchronization edges across."""

from __future__ import annotations

import os
from collections.abc import Sequence
from textwrap import wrap

from ..analysis import unfinished
from ..events import Event, Finding, Op, Thread
from ..printing import cut as shortened
from ..printing import name, printable
from ..trace import Trace
from . import lanes, legend
from .lanes import Spot
from .legend import RED, WINDOW
from .patterns import pattern
from .phrases import duration, line_of, own_name, phrase, plural, process_name
from .picture import Picture
from .slicing import Edge, Run, Slice, cut, edges_of
from .text import title
from .waits import WaitClock, cause
from .window import Window

_HEADS = ("#dbe9f6", "#e3f1dd", "#f6ead3", "#eadff2", "#f6dfe4", "#d9f0ef", "#eeeeee")
_LINES = ("#5b8db8", "#71a35c", "#c39a45", "#9673b0", "#c0718a", "#4fa3a0", "#888888")
_NAMED = 12  # edges: where there are more, their colours must do, for the names hide each other
_TITLE_WIDTH = 110
_LABEL_WIDTH = 46


def of_trace(trace: Trace, window: Window | None = None) -> Picture:
    """The picture of `trace`, with the findings and edges that the analysis gives."""
    found = trace.verdict().findings
    return draw(trace, found, edges_of(trace, found), window)


def draw(
    trace: Trace,
    findings: Sequence[Finding],
    edges: Sequence[Edge],
    window: Window | None = None,
) -> Picture:
    """The part of `trace` that `window` chooses; by default, that around the findings.

    `edges` are the synchronization edges between threads. Raises UsageError if the window names
    what is not in the trace.
    """
    slice_ = cut(trace, findings, edges, window or Window())
    drawing = _Drawing(trace, slice_, edges)
    drawing.lanes()
    drawing.sync()
    drawing.findings()
    drawing.legend()
    return drawing.picture


class _Drawing:
    def __init__(self, trace: Trace, slice_: Slice, edges: Sequence[Edge]) -> None:
        self.trace = trace
        self.slice = slice_
        self.heads = lanes.heads(slice_)
        self.spots = lanes.spots(slice_)
        self.marked = slice_.marked
        self.cut_off = False  # lanes that end in a wait, or because the program ended
        self.node = {item.seq: spot for item, spot in self.spots if isinstance(item, Event)}
        self.event = {item.seq: item for item, _ in self.spots if isinstance(item, Event)}
        self.edges = [
            (a, b, kind)
            for a, b, kind in edges
            if a in self.event and b in self.event and self.node[a].x != self.node[b].x
        ]
        self.patterns = [pattern(one, self.event) for one in slice_.findings]
        self.tasks = _tasks(trace)
        self.notes = {seq: note for one in self.patterns for seq, note in one.notes.items()}
        self.picture = Picture(tuple(self._title()))

    def _title(self) -> list[str]:
        lines: list[str] = []
        for one in self.slice.findings:
            lines += [title(one), *wrap(printable(one.explanation), _TITLE_WIDTH), ""]
        if not lines:
            program = str(self.trace.header.get("program") or "this run")
            lines = [f"Happens-before in {name(os.path.basename(program))}: no findings"]
        if self.slice.left_out > 0:
            lines.append(f"{plural(self.slice.left_out, 'event')} of the run not drawn")
        return lines

    def lanes(self) -> None:
        """Draw heads, nodes, program order and the time axis."""
        for process, middle, width in lanes.processes(self.slice):
            self.picture.node(
                middle,
                process_name(process),
                width=f"{width:g}",
                fillcolor="#f7f7f7",
                style="filled",
                fontsize="12",
            )
        place = {thread.id: i for i, thread in enumerate(self.slice.lanes.threads)}
        above: dict[int, str] = {}
        for thread in self.slice.lanes.threads:
            called = own_name(thread) + (" (daemon)" if thread.daemon else "")
            more = self.slice.lanes.more.get(thread.id, 0)
            kind = "process" if _is_process(thread) else "thread"
            words = [called] + ([f"and {plural(more, f'more {kind}')} like this"] if more else [])
            spot = self.heads[thread.id]
            colour = _HEADS[place[thread.id] % len(_HEADS)]
            attributes = {"shape": "folder"} if more else {}
            self.picture.node(
                spot, *words, fillcolor=colour, style="filled", fontsize="11", **attributes
            )
            above[thread.id] = spot.node
        if self.slice.lanes.others:
            x = len(self.slice.lanes.threads) * lanes.LANE_WIDTH
            others = f"{plural(self.slice.lanes.others, 'more thread')}, not drawn"
            self._plain(others, Spot("others", x, 0.0))
        clock = WaitClock()
        drawn: set[int] = set()
        for item, spot in self.spots:
            number = item.thread.id
            if isinstance(item, Run):
                clock.forget(item.thread)
                self._plain(f"… {plural(item.count, 'event')}", spot)
            else:
                self._event(item, clock.waited(item), spot)
            self._program_order(above[number], spot, item, place[number])
            above[number] = spot.node
            drawn.add(number)
        self._unfinished(above, drawn)

    def _program_order(self, above: str, spot: Spot, item: Event | Run, place: int) -> None:
        seq = item.first if isinstance(item, Run) else item.seq
        thread = item.thread.id
        inside = any(
            first < seq <= last and self.event[last].thread.id == thread
            for one in self.patterns
            for first, last in one.windows
        )
        colour, width = (WINDOW, "7") if inside else (_LINES[place % len(_LINES)], "2")
        style = "solid"
        if isinstance(item, Event) and item.op is Op.BEGIN:
            style = "dotted"  # it is not there yet
        elif any(first < seq <= last for first, last in self.tasks.get(thread, ())):
            width = "7"
        self.picture.edge(
            above, spot.node, color=colour, arrowhead="none", penwidth=width, style=style
        )

    def _unfinished(self, above: dict[int, str], drawn: set[int]) -> None:
        """Draw a dashed end for the lanes whose thread waits forever or was killed."""
        words: dict[int, list[str]] = {}
        for row in unfinished(self.trace):
            if row.thread.id not in drawn or self.slice.windowed:
                continue
            if row.what == "waiting":
                words.setdefault(row.thread.id, []).append("never goes on")
            if row.what == "running" and row.thread.daemon:
                words.setdefault(row.thread.id, []).append("killed at exit")
        self.cut_off = bool(words)
        for number, said in words.items():
            spot = Spot(f"u{number}", self.heads[number].x, lanes.below(self.slice))
            self.picture.node(spot, "; ".join(said), color=RED, fontcolor=RED, style="dashed")
            self.picture.edge(above[number], spot.node, color=RED, style="dashed", arrowhead="none")

    def _event(self, event: Event, waited: int | None, spot: Spot) -> None:
        site = event.site
        place = line_of(event)
        words = shortened(phrase(event, waited, cause(self.trace, event)), _LABEL_WIDTH)
        marked = event.seq in self.marked
        note = self.notes.get(event.seq, "")
        self.picture.node(
            spot,
            "   ".join(part for part in (words, place if marked else "", note) if part),
            tooltip=f"event {event.seq}  {place}  {name(site.text) if site else ''}",
            **legend.look(event, marked),
        )
        axis = Spot(f"a{event.seq}", lanes.AXIS, spot.y)
        self._plain(f"{event.seq}   {duration(event.t)}", axis)

    def _plain(self, words: str, spot: Spot) -> None:
        self.picture.node(
            spot, words, shape="plaintext", style="", fontcolor="#777777", fontsize="9"
        )

    def sync(self) -> None:
        """Draw the synchronization edges whose two ends are both drawn, in different lanes."""
        for first, second, kind in self.edges:
            colour = legend.edge_colour(kind)
            right = self.node[first].x < self.node[second].x
            self.picture.edge(
                self.node[first].node,
                self.node[second].node,
                kind if len(self.edges) <= _NAMED else None,
                ("e", "w") if right else ("w", "e"),
                color=colour,
                fontcolor=colour,
            )

    def findings(self) -> None:
        """Draw the findings' own edges, dashed and red: which write overwrites which, what comes
        between, or which accesses have no order."""
        for one in self.patterns:
            if one.edge is None:
                continue
            first, second, words = one.edge
            self.picture.edge(
                self.node[first].node,
                self.node[second].node,
                words,
                color=RED,
                fontcolor=RED,
                style="dashed",
                penwidth="1.8",
                fontsize="11",
                arrowhead="normal" if one.ordered else "none",
            )

    def legend(self) -> None:
        """Draw the row at the foot that says what the colours mean."""
        window = any(one.windows for one in self.patterns)
        kinds = [kind for _, _, kind in self.edges]
        x, y = lanes.AXIS, lanes.foot(self.slice, self.cut_off)
        marked, working = bool(self.marked), bool(self.tasks)
        row = legend.entries(self.event.values(), marked, window, working, kinds)
        for i, (words, attributes) in enumerate(row):
            width = 0.35 + 0.075 * len(words)
            spot = Spot(f"l{i}", round(x + width / 2, 3), y)
            self.picture.node(spot, words, fontsize="9", **attributes)
            x += width + 0.15


def _tasks(trace: Trace) -> dict[int, list[tuple[int, int]]]:
    """By thread, the tasks that it had as a worker: where each began and was finished."""
    tasks: dict[int, list[tuple[int, int]]] = {}
    begun: dict[int, int] = {}
    for event in trace.events.filter(op=(Op.RUN, Op.FINISH)):
        if event.op is Op.RUN:
            begun[event.thread.id] = event.seq
        elif event.thread.id in begun:
            tasks.setdefault(event.thread.id, []).append((begun.pop(event.thread.id), event.seq))
    return tasks


def _is_process(thread: Thread) -> bool:
    """Whether the thread stands for its process among others."""
    return thread.in_many and thread.path == thread.process.path
