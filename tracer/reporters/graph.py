"""The happens-before graph as DOT: lanes of events in time order, synchronization edges across.

Positions are fixed (`layout=neato` and pinned nodes), so every Graphviz engine draws one picture.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import graphviz  # type: ignore[import-untyped]

from tracer.analysis import unfinished
from tracer.events import Event, Finding, Op
from tracer.reporters import lanes
from tracer.reporters.lanes import Spot
from tracer.reporters.phrases import duration, phrase, plural, printable, thread_name
from tracer.reporters.slicing import Edge, Run, Slice, cut
from tracer.reporters.text import title
from tracer.reporters.waits import WaitClock, cause
from tracer.reporters.window import Window
from tracer.trace import Trace

_FONT = "Helvetica"
_RED = "#c1121f"
_HEADS = ("#dbe9f6", "#e3f1dd", "#f6ead3", "#eadff2", "#f6dfe4", "#d9f0ef", "#eeeeee")
_LINES = ("#5b8db8", "#71a35c", "#c39a45", "#9673b0", "#c0718a", "#4fa3a0", "#888888")
_EDGES = {
    "start": "#2a6f97",
    "join": "#2a6f97",
    "lock": "#386641",
    "semaphore": "#386641",
    "put-get": "#7b2cbf",
    "task_done": "#7b2cbf",
    "hand-over": "#7b2cbf",
}
_OTHER_EDGE = "#b5651d"
_ROUTED = 160  # nodes: beyond, edges are straight, for routing them takes too long
_BUNDLED = 12  # edges: beyond, those that are led around nodes can not be told apart
_LABEL_WIDTH = 46


def of_trace(trace: Trace, window: Window | None = None) -> str:
    """The DOT of `trace`, with the findings and edges that the analysis gives."""
    from tracer import analysis

    found = trace.findings()
    last = trace.events[-1].seq if len(trace.events) else 0
    edges = analysis.sync_edges(trace, 1, last) if last else []
    return dot(trace, found, edges, window)


def dot(
    trace: Trace,
    findings: Sequence[Finding],
    edges: Sequence[Edge],
    window: Window | None = None,
) -> str:
    """The DOT of the part of `trace` that `window` chooses; by default, that around the findings.

    `edges` are the synchronization edges between threads. Raises UsageError if the window names
    what is not in the trace.
    """
    slice_ = cut(trace, findings, edges, window or Window())
    drawing = _Drawing(trace, slice_, edges)
    drawing.lanes()
    drawing.sync(edges)
    for finding in slice_.findings:
        drawing.finding(finding)
    return str(drawing.graph.source)


class _Drawing:
    def __init__(self, trace: Trace, slice_: Slice, edges: Sequence[Edge]) -> None:
        self.trace = trace
        self.slice = slice_
        self.heads = lanes.heads(slice_)
        self.spots = lanes.spots(slice_)
        self.marked = slice_.marked
        self.node = {item.seq: spot for item, spot in self.spots if isinstance(item, Event)}
        self.event = {item.seq: item for item, _ in self.spots if isinstance(item, Event)}
        across = sum(a in self.node and b in self.node for a, b, _ in edges)
        routed = len(self.spots) <= _ROUTED and across <= _BUNDLED
        self.graph = graphviz.Digraph("happens_before")
        self.graph.attr(
            layout="neato",
            splines="true" if routed else "line",
            outputorder="edgesfirst",
            label=_label(*self._title(), newline="\\l"),
            labelloc="t",
            labeljust="l",
            fontname=_FONT,
            fontsize="13",
            pad="0.2",
        )
        self.graph.attr(
            "node",
            shape="box",
            style="filled,rounded",
            fillcolor="#ffffff",
            color="#888888",
            fontname=_FONT,
            fontsize="10",
            margin="0.06,0.03",
            height="0.3",
            width="0.5",
        )
        self.graph.attr("edge", fontname=_FONT, fontsize="9", arrowsize="0.6")

    def _title(self) -> list[str]:
        lines = [title(one) for one in self.slice.findings]
        if not lines:
            program = str(self.trace.header.get("program") or "this run")
            lines = [f"Happens-before in {os.path.basename(program)}: no findings drawn"]
        if self.slice.left_out > 0:
            lines.append(f"{plural(self.slice.left_out, 'event')} of the run not drawn")
        return lines

    def lanes(self) -> None:
        """Draw heads, nodes, program order and the time axis."""
        place = {thread.id: i for i, thread in enumerate(self.slice.lanes.threads)}
        above: dict[int, str] = {}
        for thread in self.slice.lanes.threads:
            name = thread_name(thread) + (" (daemon)" if thread.daemon else "")
            more = self.slice.lanes.more.get(thread.id, 0)
            words = [name] + ([f"and {plural(more, 'more thread')} like this"] if more else [])
            spot = self.heads[thread.id]
            colour = _HEADS[place[thread.id] % len(_HEADS)]
            attributes = {"shape": "folder"} if more else {}
            self.graph.node(
                spot.node,
                _label(*words),
                pos=spot.pos,
                fillcolor=colour,
                style="filled",
                fontsize="11",
                **attributes,
            )
            above[thread.id] = spot.node
        if self.slice.lanes.others:
            x = len(self.slice.lanes.threads) * lanes.LANE_WIDTH
            others = f"{plural(self.slice.lanes.others, 'more thread')}, not drawn"
            self._plain("others", others, Spot("others", x, 0.0))
        clock = WaitClock()
        drawn: set[int] = set()
        for item, spot in self.spots:
            number = item.thread.id
            if isinstance(item, Run):
                clock.forget(item.thread)
                self._plain(spot.node, f"… {plural(item.count, 'event')}", spot)
            else:
                self._event(item, clock.waited(item), spot)
            line = _LINES[place[number] % len(_LINES)]
            self.graph.edge(above[number], spot.node, color=line, arrowhead="none", penwidth="2")
            above[number] = spot.node
            drawn.add(number)
        self._unfinished(above, drawn)

    def _unfinished(self, above: dict[int, str], drawn: set[int]) -> None:
        """Draw a dashed end for the lanes whose thread waits for ever or was killed."""
        words: dict[int, list[str]] = {}
        for row in unfinished(self.trace):
            if row.thread.id not in drawn or self.slice.windowed:
                continue
            if row.what == "waiting":
                words.setdefault(row.thread.id, []).append("never goes on")
            if row.what == "running" and row.thread.daemon:
                words.setdefault(row.thread.id, []).append("killed at exit")
        lowest = -(len(self.slice.items) + 1.6) * lanes.ROW_HEIGHT
        for number, said in words.items():
            spot = Spot(f"u{number}", self.heads[number].x, round(lowest, 3))
            self.graph.node(
                spot.node,
                _label("; ".join(said)),
                pos=spot.pos,
                color=_RED,
                fontcolor=_RED,
                style="dashed",
            )
            self.graph.edge(above[number], spot.node, color=_RED, style="dashed", arrowhead="none")

    def _event(self, event: Event, waited: int | None, spot: Spot) -> None:
        site = event.site
        place = f"{os.path.basename(site.file)}:{site.line}" if site is not None else ""
        words = _cut(phrase(event, waited, cause(self.trace, event)), _LABEL_WIDTH)
        marked = event.seq in self.marked
        self.graph.node(
            spot.node,
            _label(words + (f"   {place}" if marked and place else "")),
            pos=spot.pos,
            tooltip=_label(f"event {event.seq}  {place}  {site.text if site else ''}"),
            **_look(event, marked),
        )
        axis = Spot(f"a{event.seq}", lanes.AXIS, spot.y)
        self._plain(axis.node, f"{event.seq}   {duration(event.t)}", axis)

    def _plain(self, node: str, words: str, spot: Spot) -> None:
        self.graph.node(
            node,
            _label(words),
            pos=spot.pos,
            shape="plaintext",
            style="",
            fontcolor="#777777",
            fontsize="9",
        )

    def sync(self, edges: Sequence[Edge]) -> None:
        """Draw the synchronization edges whose two ends are both drawn, in different lanes."""
        for first, second, kind in edges:
            a, b = self.event.get(first), self.event.get(second)
            if a is None or b is None or a.thread.id == b.thread.id:
                continue
            colour = _EDGES.get(kind, _OTHER_EDGE)
            right = self.node[first].x < self.node[second].x
            self.graph.edge(
                self.node[first].node + (":e" if right else ":w"),
                self.node[second].node + (":w" if right else ":e"),
                _label(kind),
                color=colour,
                fontcolor=colour,
            )

    def finding(self, finding: Finding) -> None:
        """Draw the finding's own edge, dashed and red: which write overwrites which, or which
        accesses have no order."""
        events = [self.event[seq] for seq in finding.events if seq in self.event]
        pair = None
        if finding.kind == "lost-update":
            order = {seq: i for i, seq in enumerate(finding.witness or ())}
            pair = _overwrite(sorted(events, key=lambda e: (order.get(e.seq, -1), e.seq)))
        words = "overwrites" if finding.status != "predicted" else "can overwrite"
        if pair is None:
            pair, words = _conflict(events), "no order"
        if pair is None:
            return
        first, second = pair
        self.graph.edge(
            self.node[second.seq].node,
            self.node[first.seq].node,
            _label(words),
            color=_RED,
            fontcolor=_RED,
            style="dashed",
            penwidth="1.8",
            fontsize="11",
            arrowhead="normal" if words != "no order" else "none",
        )


def _overwrite(events: Sequence[Event]) -> tuple[Event, Event] | None:
    """The write that is lost and the one that overwrites it: the last two by two threads."""
    writes = [event for event in events if event.op is Op.WRITE]
    for lost, over in zip(writes[-2::-1], writes[:0:-1], strict=True):
        if lost.thread.id != over.thread.id:
            return lost, over
    return None


def _conflict(events: Sequence[Event]) -> tuple[Event, Event] | None:
    """The first two accesses of two threads to one location of which one is no read."""
    for i, first in enumerate(events):
        for second in events[i + 1 :]:
            if first.thread.id == second.thread.id or first.location != second.location:
                continue
            if first.op.is_access and {first.op, second.op} != {Op.READ}:
                return first, second
    return None


def _look(event: Event, marked: bool) -> dict[str, str]:
    look: dict[str, str] = {}
    if event.op in (Op.READ, Op.ITERATE):
        look = {"fillcolor": "#e7f0fa"}
    elif event.op.is_access:
        look = {"fillcolor": "#ffe8cc"}
    elif event.op in (Op.REQUEST, Op.SLEEP):
        look = {"fillcolor": "#f3f3f3", "style": "filled,rounded,dashed"}
    elif event.op is Op.OUTPUT:
        look = {"fillcolor": "#ffffff", "fontcolor": "#555555"}
    if marked:
        look |= {"color": _RED, "penwidth": "2.4"}
        if event.op not in (Op.READ, Op.ITERATE):
            look["fillcolor"] = "#ffd6d6"
    return look


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _label(*lines: str, newline: str = "\\n") -> str:
    """Lines of text as a DOT label: nothing in them is an escape, a port or HTML.

    `newline` is the escape that ends a line: `\\n` centres it, `\\l` sets it to the left.
    """
    text = newline.join(str(graphviz.escape(printable(line))) for line in lines)
    return graphviz.nohtml(text + (newline if newline == "\\l" else "")) if text else " "
