"""`trace replay`: run a recorded program again, in exactly the recorded interleaving."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError

if TYPE_CHECKING:
    from ..replaying.replay import Replayed
    from ..trace import Trace

_SHOWN = 300  # characters of the command that are shown
_ASKED = 5000  # of one that is asked about: what is agreed to must be read


@click.command(name="replay", short_help="Run a program again, in the recorded order.")
@click.argument("path", metavar="TRACE", type=click.Path(path_type=Path))
@click.option("--times", type=click.IntRange(min=1), default=1, metavar="N", help="N times over.")
@click.option(
    "--record",
    "output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Keep the trace of the (first) replayed run.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT.")
@click.option(
    "--follow",
    is_flag=True,
    help="Go on where the program does something else: for one that was changed a little.",
)
@click.option(
    "--until",
    metavar="SEQ|finding:N",
    help="Stop all threads just before an event, or the one that completes a finding of the trace.",
)
@click.option("--from-finding", type=int, metavar="N", help="The same as --until finding:N.")
@click.option("--pdb", "debug", is_flag=True, help="Open the debugger there: threads, goto, back.")
@click.option(
    "--trust",
    is_flag=True,
    help="Run the program even if it is not known to be your own: it may do anything.",
)
def command(
    path: Path,
    times: int,
    output: Path | None,
    force: bool,
    follow: bool,
    until: str | None,
    from_finding: int | None,
    debug: bool,
    trust: bool,
) -> int:
    """Run the program of TRACE again, each thread doing what it did when it did it.

    What is run is what TRACE names. Unless you have recorded it here, or it is a program of this
    checkout with the recorded content, you are asked before (without a terminal: --trust).

    The program is given the time, random numbers and input of the recording. At the first event
    that is another than in the recording the run ends, and both sides are shown. Exits with 0 if
    every event was the same, 1 if not.
    """
    from ..replaying.replay import replay
    from ..runs.destination import check
    from ..trace import load

    if force and output is None:
        raise UsageError("--force is for the OUT of --record")
    if from_finding is not None:
        if until is not None:
            raise UsageError("give --until or --from-finding, not both")
        until = f"finding:{from_finding}"
    if until is not None and (times > 1 or output is not None or follow):
        raise UsageError("a run that is stopped goes with --pdb, not --times, --record or --follow")
    if debug and until is None:
        raise UsageError("--pdb opens at an event: give --until or --from-finding")
    if output is not None:
        check(output, force=force)
        if output.exists() and output.samefile(path):
            raise UsageError(f"{output} is the trace that is to be replayed")
    original = load(path)
    if until is not None:
        return _stop(original, until, debug, trust)
    _agree(original, trust, edited=follow)
    kept = output.parent.resolve() / output.name if output is not None else None
    for number in range(1, times + 1):
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder) / "replayed.msgpack"
            target = kept if kept is not None and number == 1 else own
            run = replay(original, target, follow=follow, force=force)
            click.echo(f"trace: replay {number} of {times}: {_result(run)}", err=True)
            if not run.exact:
                _show_divergence(run)
                return 1
    return 0


def _agree(original: Trace, trust: bool, *, edited: bool = False) -> None:
    """Say what will be run, and ask whether it is to be where it may be a stranger's. Raises
    UsageError if it is not."""
    from ..printing import cut, printable
    from ..replaying.program import recorded
    from ..replaying.trust import command, doubt

    program = recorded(original)
    words = printable(command(program))
    why = None if trust else doubt(original, program, edited=edited)
    if why is None:
        click.echo(f"trace: runs {cut(words, _SHOWN)}", err=True)
        return
    why = printable(why)
    if len(words) > _ASKED or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"{original.path} runs {cut(words, _SHOWN)}: {why}; --trust runs it")
    click.echo(f"trace: runs {words}\ntrace: {why}", err=True)
    if not click.confirm("trace: run it?", err=True):
        raise UsageError("not run")


def _stop(original: Trace, until: str, debug: bool, trust: bool) -> int:
    from ..replaying import stepping

    seq = stepping.event_of(original, until)
    _agree(original, trust)
    for stopped in stepping.run_until(original, seq, debug=debug):
        if not stopped.reached:
            click.echo(f"trace: {_result(stopped.run)}", err=True)
            _show_divergence(stopped.run)
            return 1
    return 0


def _result(run: Replayed) -> str:
    from ..reporters.phrases import plural

    exactly = f"{plural(run.found.common, 'event')} as recorded"
    if run.exact:
        return f"{exactly}{' (up to the interruption)' if run.interrupted else ''}"
    if run.followed:
        everything, new = len(run.original.events), len(run.trace.events) - run.matched
        again = f"{run.matched:,} of {plural(everything, 'recorded event')} came again"
        besides = f", and {new:,} new" if new > 0 else ""
        return f"diverged after {exactly}, then followed: {again}{besides}"
    return f"diverged after {exactly}"


def _show_divergence(run: Replayed) -> None:
    from ..printing import printable, quoted
    from ..reporters import comparison

    if (seconds := run.gave_up_after) is not None:
        click.echo(f"trace: the next event did not come in {seconds:.0f} s", err=True)
    if site := run.edited:
        where = printable(site.place)
        was = quoted(site.text, 200)
        click.echo(f"trace: the program has changed: {where} was {was}", err=True)
    if run.followed or run.found.divergence is None:
        click.echo(comparison.text(run.original, run.trace, run.found), err=True)
    else:
        click.echo(comparison.divergence(run.found), err=True)
