"""The colours of a graph, and the row at its foot that says what those it has mean."""

from __future__ import annotations

from collections.abc import Iterable

from ..events import Event, Op

RED = "#c1121f"
WINDOW = "#f2a6a6"
_BLUE, _GREEN, _VIOLET, _BROWN = "#2a6f97", "#386641", "#7b2cbf", "#b5651d"
_EDGES = {
    "start": _BLUE,
    "join": _BLUE,
    "lock": _GREEN,
    "semaphore": _GREEN,
    "put-get": _VIOLET,
    "task_done": _VIOLET,
    "message": _VIOLET,
    "hand-over": _VIOLET,
    "call": _VIOLET,
    "return": _VIOLET,
}
_READ = {"fillcolor": "#e7f0fa"}
_CHANGE = {"fillcolor": "#ffe8cc"}
_WAIT = {"fillcolor": "#f3f3f3", "style": "filled,rounded,dashed"}
_OUTPUT = {"fillcolor": "#ffffff", "fontcolor": "#555555"}
_MARKED = {"color": RED, "penwidth": "2.4"}


def edge_colour(kind: str) -> str:
    """The colour of a synchronization edge."""
    return _EDGES.get(kind, _BROWN)


def look(event: Event, marked: bool) -> dict[str, str]:
    """The attributes of an event's node; `marked` is whether it is one of a finding's."""
    attributes: dict[str, str] = dict(_sort(event)[1])
    if marked:
        attributes |= _MARKED
        if event.op not in (Op.READ, Op.ITERATE):
            attributes["fillcolor"] = "#ffd6d6"
    return attributes


def _sort(event: Event) -> tuple[str, dict[str, str]]:
    if event.op in (Op.READ, Op.ITERATE):
        return "read", _READ
    if event.op.is_access:
        return "change", _CHANGE
    if event.op in (Op.REQUEST, Op.SLEEP):
        return "waits", _WAIT
    return "", _OUTPUT if event.op is Op.OUTPUT else {}


def entries(
    events: Iterable[Event], marked: bool, window: bool, working: bool, kinds: Iterable[str]
) -> list[tuple[str, dict[str, str]]]:
    """The words and node attributes of the row: what is drawn, each once.

    `marked`, `window` and `working` say whether there are events of findings, a window between
    two, and workers that have tasks.
    """
    found = {name: attributes for name, attributes in map(_sort, events) if name}
    row: list[tuple[str, dict[str, str]]] = [
        (name, found[name]) for name in ("read", "change", "waits") if name in found
    ]
    if marked:
        row.append(("of a finding", dict(_MARKED)))
    if window:
        row.append(("must not be interrupted", {"color": WINDOW, "penwidth": "3"}))
    if working:
        row.append(("has a task", {"penwidth": "4"}))
    colours: dict[str, list[str]] = {}
    for kind in sorted(set(kinds)):
        colours.setdefault(edge_colour(kind), []).append(kind)
    plain = {"shape": "plaintext", "style": ""}
    row += [
        (f"→ {', '.join(named)}", {"fontcolor": colour, **plain})
        for colour, named in colours.items()
    ]
    return row
