"""`trace recover`: make the trace of a run whose supervisor was killed."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import NothingRecordedError


@click.command(short_help="Make the trace of a run that was killed.")
@click.argument("spool", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The trace file. Default: the name the run would have given it.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def command(spool: Path, output: Path | None, force: bool) -> None:
    """Make a trace file from SPOOL, the directory that a killed `trace run` has left."""
    from ..supervising import summary, supervisor

    try:
        summary.show(supervisor.recover(spool, output=output, force=force))
    except NothingRecordedError as nothing:
        click.echo(f"trace: nothing to recover: {nothing}; {spool} is removed", err=True)
