"""`trace diff`: show where the interleavings of two traces diverge."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="diff", short_help="Show where two runs diverge.")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
def command(first: Path, second: Path, format_: str) -> int:
    """Show where the interleavings of the traces A and B diverge, and which findings come or go.

    Threads, variables and lines are matched by name; times do not count. Exits with 0 if the two
    are the same, 1 if not, 3 if one cannot be read.
    """
    from ..analysis.difference import difference
    from ..reporters import comparison, json
    from ..trace import load

    a, b = load(first), load(second)
    found = difference(a, b)
    if format_ == "json":
        document = comparison.as_json(a, b, found)
        click.echo(json.encode(document, indent=2))
    else:
        click.echo(comparison.text(a, b, found))
        if found.divergence is not None:
            near = found.divergence.first or (found.divergence.before or (None,))[-1]
            if near is not None:
                click.echo(f"next: trace show {first} --around {near.seq}", err=True)
    return 0 if found.same else 1
