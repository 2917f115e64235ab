"""A picture as DOT.

Positions are fixed (`layout=neato` and pinned nodes), so every Graphviz engine draws one picture.
"""

from __future__ import annotations

import re

import graphviz  # type: ignore[import-untyped]

from .picture import EDGE, FONT, NODE, PAD, TITLE_SIZE, Edge, Node, Picture

_ENTITY = re.compile(r"&(?=#?\w+;)")


def source(picture: Picture) -> str:
    """The DOT text of `picture`."""
    graph = graphviz.Digraph("happens_before")
    graph.attr(
        layout="neato",
        splines="line",
        outputorder="edgesfirst",
        label=_label(picture.title, newline="\\l"),
        labelloc="t",
        labeljust="l",
        fontname=FONT,
        fontsize=f"{TITLE_SIZE:g}",
        pad=f"{PAD:g}",
    )
    graph.attr("node", **NODE)
    graph.attr("edge", **EDGE)
    for item in picture.items:
        if isinstance(item, Node):
            _node(graph, item)
        else:
            _edge(graph, item)
    return str(graph.source)


def _node(graph: graphviz.Digraph, node: Node) -> None:
    attributes = dict(node.attributes)
    if node.tooltip is not None:
        attributes["tooltip"] = _label((node.tooltip,))
    graph.node(node.spot.node, _label(node.lines), pos=node.spot.pos, **attributes)


def _edge(graph: graphviz.Digraph, edge: Edge) -> None:
    tail, head = (f":{side}" for side in edge.sides) if edge.sides else ("", "")
    text = None if edge.text is None else _label((edge.text,))
    graph.edge(edge.tail + tail, edge.head + head, text, **edge.attributes)


def _label(lines: tuple[str, ...], newline: str = "\\n") -> str:
    """Lines of text as a DOT label: nothing in them is an escape, an entity, a port or HTML.

    `newline` is the escape that ends a line: `\\n` centres it, `\\l` sets it to the left.
    """
    text = newline.join(str(graphviz.escape(_ENTITY.sub("&amp;", line))) for line in lines)
    return graphviz.nohtml(text + (newline if newline == "\\l" else "")) if text else " "
