"""`trace show`: print or draw what the threads did."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import click
from click.core import ParameterSource

from ..errors import UsageError
from ..events import Event
from ..reporters.window import Window
from ..trace import Trace

_PICTURES = ("dot", "svg", "png")
_SLOW = 20_000  # events: printing more of them can take over a second
_HEAD = 20  # lines: the heading and some rows, for which the window is read
_NEAR_THE_TRACE = "(beside the trace)"


class _ShowCommand(click.Command):
    """Says so where the trace was taken for the file of --graph."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        after = args[args.index("--graph") + 1 :] if "--graph" in args else []
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter:
            if not after or after[0].startswith("-"):
                raise
            raise UsageError(
                f"{after[0]} was taken for the FILE of --graph, and there is no TRACE:"
                f" trace show {after[0]} --graph"
            ) from None


@click.command(cls=_ShowCommand, name="show", short_help="Print or draw what the threads did.")
@click.argument("path", metavar="TRACE", type=click.Path(path_type=Path))
@click.option(
    "--graph",
    is_flag=False,
    flag_value=_NEAR_THE_TRACE,
    metavar="[FILE]",
    help="Draw the happens-before graph into FILE (.svg, .png, .pdf or .dot; default: TRACE.svg).",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", *_PICTURES]),
    default="text",
    help="What to write to stdout. json: all events unless some are chosen.",
)
@click.option("--thread", metavar="T", help="Only events of this thread (name or path).")
@click.option("--object", "object_", metavar="O", help="Only events on this object or variable.")
@click.option("--around", type=click.IntRange(min=1), metavar="SEQ", help="Events around this one.")
@click.option("--head", type=click.IntRange(min=0), metavar="N", help="The first N events.")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="The last N events.")
@click.option(
    "--full", is_flag=True, help="Every event, those of the standard library's own threads too."
)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@click.pass_context
def command(
    context: click.Context,
    path: Path,
    graph: str | None,
    format_: str,
    thread: str | None,
    object_: str | None,
    around: int | None,
    head: int | None,
    tail: int | None,
    full: bool,
    force: bool,
) -> None:
    """Print the interleaving of a recorded run, one column for each thread, or draw it."""
    from ..trace import load

    chosen = context.get_parameter_source("format_") is not ParameterSource.DEFAULT
    if graph is not None and chosen:
        raise UsageError(
            "--format is for stdout; the ending of the FILE of --graph says its format"
        )
    if force and graph is None:
        raise UsageError("--force is for the FILE of --graph")
    if full and (head is not None or tail is not None):
        raise UsageError("--full shows every event: leave --head and --tail out")
    if full and format_ == "json":
        raise UsageError("json has every event as it is: leave --full out")
    trace = load(path)
    window = Window(around, thread, object_, head, tail, full)
    if graph is not None:
        _draw(trace, window, _target(path, graph), force)
    elif format_ == "json":
        _json(trace, window)
    elif format_ in _PICTURES:
        from ..reporters import engine
        from ..reporters import graph as drawing

        picture = drawing.of_trace(trace, window)
        sys.stdout.buffer.write(engine.render(picture, format_))
    else:
        _table(trace, window)
        click.echo(f"next: trace check {path}", err=True)


def _target(path: Path, graph: str) -> Path:
    return path.with_suffix(".svg") if graph == _NEAR_THE_TRACE else Path(graph)


def _draw(trace: Trace, window: Window, file: Path, force: bool) -> None:
    from ..progress import working
    from ..reporters import engine, graph

    if file.exists() and not force:
        raise UsageError(f"{file} exists; --force overwrites it")
    engine.check_suffix(file)
    with working(f"drawing {file}"):
        written = engine.write(graph.of_trace(trace, window), file)
    click.echo(written)
    click.echo(f"next: trace check {trace.path}", err=True)


def _json(trace: Trace, window: Window) -> None:
    from ..progress import working
    from ..reporters import json
    from ..reporters.window import select

    events: Iterable[Event] = trace.events
    if window != Window():
        with working(f"reading {trace.path}"):
            events = select(trace, replace(window, internal=True)).events
    for piece in json.show(trace, events):
        click.echo(piece, nl=False)
    click.echo()


def _table(trace: Trace, window: Window) -> None:
    from ..progress import working
    from ..reporters.table import table

    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    width = shutil.get_terminal_size((140, 24)).columns
    lines = iter(table(trace, window, width=width, colour=colour))
    with working(f"reading {trace.path}"):
        head = list(islice(lines, _HEAD))
    lines = chain(head, lines)
    for line in _with_progress(lines, len(trace.events) if window.everything else 0):
        click.echo(line, color=colour)


def _with_progress(lines: Iterator[str], expected: int) -> Iterator[str]:
    """`lines`, with a bar on stderr where they go to a file and are many."""
    if expected < _SLOW or sys.stdout.isatty() or not sys.stderr.isatty():
        yield from lines
        return
    with click.progressbar(lines, length=expected, label="writing", file=sys.stderr) as bar:
        yield from bar
