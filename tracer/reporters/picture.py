"""A picture as data: boxes at fixed places, lines between them. `dot` and `svg` write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..printing import printable
from .lanes import Spot

FONT = "Helvetica"
TITLE_SIZE = 13.0
PAD = 0.2
NODE = {
    "shape": "box",
    "style": "filled,rounded",
    "fillcolor": "#ffffff",
    "color": "#888888",
    "fontname": FONT,
    "fontsize": "10",
    "margin": "0.06,0.03",
    "height": "0.3",
    "width": "0.5",
}
EDGE = {"fontname": FONT, "fontsize": "9", "arrowsize": "0.6"}
"""What holds for each node and each edge that does not say otherwise. Sizes of texts are points,
all others inches; the names are those of DOT."""


@dataclass(frozen=True, slots=True)
class Node:
    """A box with lines of text around its spot."""

    spot: Spot
    lines: tuple[str, ...]
    tooltip: str | None
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight line from one node to another, by their names.

    `sides` are the sides that it goes from and to (`e`, `w`); without them it goes between the
    middles. `text` stands beside it.
    """

    tail: str
    head: str
    text: str | None
    sides: tuple[str, str] | None
    attributes: dict[str, str]


@dataclass(slots=True)
class Picture:
    """The lines above the picture, and what is in it, in the order in which it was drawn. All texts
    are made printable here."""

    title: tuple[str, ...]
    items: list[Node | Edge] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.title = _inert(self.title)

    def node(self, spot: Spot, *lines: str, tooltip: str | None = None, **attributes: str) -> None:
        """Put a box with these lines at the spot."""
        self.items.append(Node(spot, _inert(lines), tooltip and printable(tooltip), attributes))

    def edge(
        self,
        tail: str,
        head: str,
        text: str | None = None,
        sides: tuple[str, str] | None = None,
        **attributes: str,
    ) -> None:
        """Put a line from node `tail` to node `head`."""
        text = text and printable(text)
        self.items.append(Edge(tail, head, text, sides, attributes))


def _inert(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(printable(line) for line in lines)
