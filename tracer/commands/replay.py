"""`trace replay`: run a recorded program again, in exactly the recorded interleaving."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click


@click.command(name="replay")
@click.argument("path", metavar="TRACE", type=click.Path(path_type=Path))
@click.option("--times", type=click.IntRange(min=1), default=1, metavar="N", help="N times over.")
@click.option(
    "--record",
    "output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Keep the trace of the (first) replayed run.",
)
def command(path: Path, times: int, output: Path | None) -> int:
    """Run the program of TRACE again, each thread doing what it did when it did it.

    The program is given the time, random numbers and input of the recording. Where it does
    something else, both sides are shown. Exits with 0 if every event was the same, 1 if not.
    """
    from tracer.reporters import comparison
    from tracer.reporters.phrases import plural
    from tracer.scheduling.replay import replay
    from tracer.trace import load

    original = load(path)
    path = path.resolve()
    kept = output.resolve() if output is not None else None
    for number in range(1, times + 1):
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder) / "replayed.msgpack"
            run = replay(original, kept if kept is not None and number == 1 else own)
            if not run.exact:
                click.echo(f"trace: diverged in replay {number} of {times}", err=True)
                click.echo(comparison.text(original, run.trace, run.found), err=True)
                return 1
            end = " (up to the interruption)" if run.interrupted else ""
            same = plural(run.found.common, "event")
            click.echo(f"trace: replay {number} of {times}: {same} as recorded{end}", err=True)
    return 0
