"""A picture as SVG, written directly: it needs no Graphviz.

Texts are as wide as Helvetica has them, and each is told its width (`textLength`), so that it fits
its box in whatever font a browser has for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import TypeAlias
from unicodedata import combining, east_asian_width

from .picture import EDGE, FONT, NODE, PAD, TITLE_SIZE, Edge, Node, Picture

_Ends: TypeAlias = tuple[tuple[float, float], tuple[float, float]]

_INCH = 72.0
_LINE = 1.2  # the height of a line, in sizes of its font
_BASE = 0.32  # how far below a line's middle its letters stand
_ARROW = 10.0  # the length of an arrow's head of size 1, in points
_FONTS = f"{FONT}, Arial, 'Liberation Sans', sans-serif"
_DASHES = {"dashed": "5,2", "dotted": "1,5"}
# Thousandths of the font's size, of the characters from the space on: Adobe's metrics of Helvetica.
# fmt: off
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 584, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)
# fmt: on


def render(picture: Picture) -> bytes:
    """The SVG document of `picture`, in UTF-8."""
    boxes = {item.spot.node: _box(item) for item in picture.items if isinstance(item, Node)}
    edges = [(item, _ends(item, boxes)) for item in picture.items if isinstance(item, Edge)]
    frame = _frame(picture, boxes.values())
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{_FONTS}"'
        f' width="{frame.width:g}pt" height="{frame.height:g}pt" viewBox="{frame.left:g}'
        f' {frame.top:g} {frame.width:g} {frame.height:g}">',
        f"<title>{_text(' '.join(picture.title[:1]))}</title>",
        f'<rect x="{frame.left:g}" y="{frame.top:g}" width="{frame.width:g}"'
        f' height="{frame.height:g}" fill="#ffffff"/>',
        *_title(picture, frame),
    ]
    parts += [line for edge, ends in edges for line in _drawn_edge(edge, ends)]
    for item in picture.items:
        if isinstance(item, Node):
            parts += _drawn_node(item, boxes[item.spot.node])
    parts += [line for edge, ends in edges for line in _edge_text(edge, ends)]
    return ("\n".join([*parts, "</svg>"]) + "\n").encode()


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle in points; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    def side(self, name: str) -> tuple[float, float]:
        """The middle of the side to the east or west."""
        return self.x + (self.width if name == "e" else -self.width) / 2, self.y

    def border(self, towards: tuple[float, float]) -> tuple[float, float]:
        """Where the line from the middle to a point outside leaves the box."""
        x, y = towards[0] - self.x, towards[1] - self.y
        shares = [size / 2 / abs(way) for size, way in ((self.width, x), (self.height, y)) if way]
        share = min([1.0, *shares])
        return self.x + x * share, self.y + y * share


def _box(node: Node) -> _Box:
    look = NODE | node.attributes
    across, down = (float(part) * _INCH for part in NODE["margin"].split(","))
    size = float(look["fontsize"])
    width = max((_width(line, size) for line in node.lines), default=0.0) + 2 * across
    height = len(node.lines) * size * _LINE + 2 * down
    return _Box(
        node.spot.x * _INCH,
        -node.spot.y * _INCH,
        max(width, float(look["width"]) * _INCH),
        max(height, float(look["height"]) * _INCH),
    )


def _frame(picture: Picture, boxes: Iterable[_Box]) -> _Box:
    """What is to be seen: all boxes and the title above them."""
    all_ = list(boxes) or [_Box(0.0, 0.0, 0.0, 0.0)]
    pad = PAD * _INCH
    above = (len(picture.title) + 1) * TITLE_SIZE * _LINE
    left = min(box.left for box in all_) - pad
    top = min(box.top for box in all_) - above - pad
    wide = max((_width(line, TITLE_SIZE) for line in picture.title), default=0.0)
    right = max(left + wide + 2 * pad, max(box.left + box.width for box in all_) + pad)
    bottom = max(box.top + box.height for box in all_) + pad
    return _Box(
        round((left + right) / 2, 2),
        round((top + bottom) / 2, 2),
        round(right - left, 2),
        round(bottom - top, 2),
    )


def _title(picture: Picture, frame: _Box) -> Iterator[str]:
    x = frame.left + PAD * _INCH
    for number, line in enumerate(picture.title, 1):
        y = frame.top + PAD * _INCH + (number - _BASE) * TITLE_SIZE * _LINE
        yield f'<text x="{x:g}" y="{y:g}" font-size="{TITLE_SIZE:g}">{_text(line)}</text>'


def _drawn_node(node: Node, box: _Box) -> Iterator[str]:
    look = NODE | node.attributes
    styles = look["style"].split(",")
    yield f'<g id="{node.spot.node}">'
    if node.tooltip is not None:
        yield f"<title>{_text(node.tooltip)}</title>"
    if look["shape"] != "plaintext":
        fill = look["fillcolor"] if "filled" in styles else "none"
        if look["shape"] == "folder":
            yield (
                f'<rect x="{box.left + box.width - 26:g}" y="{box.top - 4:g}" width="24"'
                f' height="6" fill="{fill}" stroke="{look["color"]}"/>'
            )
        yield (
            f'<rect x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{box.height:g}"'
            f' rx="{4 if "rounded" in styles else 0}" fill="{fill}"{_stroke(look, styles)}/>'
        )
    size = float(look["fontsize"])
    first = box.y - (len(node.lines) - 1) / 2 * size * _LINE
    for number, line in enumerate(node.lines):
        if line:
            yield _centred(line, box.x, first + number * size * _LINE, size, look)
    yield "</g>"


def _ends(edge: Edge, boxes: dict[str, _Box]) -> _Ends:
    """Where the edge begins and ends."""
    tail, head = boxes[edge.tail], boxes[edge.head]
    if edge.sides:
        return tail.side(edge.sides[0]), head.side(edge.sides[1])
    return tail.border((head.x, head.y)), head.border((tail.x, tail.y))


def _drawn_edge(edge: Edge, ends: _Ends) -> Iterator[str]:
    look = EDGE | edge.attributes
    (x1, y1), (x2, y2) = ends
    if look.get("arrowhead") != "none" and (x1, y1) != (x2, y2):
        angle = math.atan2(y2 - y1, x2 - x1)
        long = _ARROW * float(look["arrowsize"])
        points = [(x2, y2)]
        for turn in (-1, 1):
            at = angle + turn * math.atan(0.35)
            points.append((x2 - long * math.cos(at), y2 - long * math.sin(at)))
        corners = " ".join(f"{x:.4g},{y:.6g}" for x, y in points)
        yield f'<polygon points="{corners}" fill="{look["color"]}"/>'
        x2, y2 = x2 - long * 0.9 * math.cos(angle), y2 - long * 0.9 * math.sin(angle)
    stroke = _stroke(look, [look.get("style", "solid")])
    yield f'<line x1="{x1:.6g}" y1="{y1:.6g}" x2="{x2:.6g}" y2="{y2:.6g}"{stroke}/>'


def _edge_text(edge: Edge, ends: _Ends) -> Iterator[str]:
    """The text of an edge, over all that is drawn, with a rim that keeps it readable there."""
    if edge.text:
        look = EDGE | edge.attributes
        (x1, y1), (x2, y2) = ends
        rim = ' stroke="#ffffff" stroke-width="3" paint-order="stroke"'
        size = float(look["fontsize"])
        yield _centred(edge.text, (x1 + x2) / 2, (y1 + y2) / 2, size, look, rim)


def _stroke(look: dict[str, str], styles: Iterable[str]) -> str:
    dashes = [_DASHES[style] for style in styles if style in _DASHES]
    dashed = f' stroke-dasharray="{dashes[0]}"' if dashes else ""
    return f' stroke="{look["color"]}" stroke-width="{look.get("penwidth", "1")}"{dashed}'


def _centred(
    line: str, x: float, y: float, size: float, look: dict[str, str], rim: str = ""
) -> str:
    colour = look.get("fontcolor", "#000000")
    return (
        f'<text x="{x:.6g}" y="{y + _BASE * size:.6g}" font-size="{size:g}" text-anchor="middle"'
        f' textLength="{_width(line, size):.5g}" lengthAdjust="spacingAndGlyphs"'
        f' fill="{colour}"{rim}>{_text(line)}</text>'
    )


def _text(text: str) -> str:
    """Text of the document: nothing in it is an element, an entity or no character of XML.

    Of spaces that stand together browsers show one, so they are such as do not break.
    """
    text = text.replace("  ", "\xa0\xa0")
    allowed = (c if c not in "\ufffe\uffff" else "\ufffd" for c in text)
    return escape("".join(allowed))


def _width(line: str, size: float) -> float:
    """How wide a line is in points."""
    return sum(map(_thousandths, line)) * size / 1000


def _thousandths(character: str) -> int:
    place = ord(character) - 32
    if 0 <= place < len(_WIDTHS):
        return _WIDTHS[place]
    if combining(character):
        return 0
    return 1000 if east_asian_width(character) in "FW" or character in "→←…" else 600
