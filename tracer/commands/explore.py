"""`trace explore`: run a program under many schedules, to find one that fails."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import _core
from ..errors import UsageError
from ..exploring.strategies import PORTFOLIO
from ..kinds import Kind
from ..runs.launch import DEFAULT_FOLDER
from .run import RunCommand, program_of


@click.command(cls=RunCommand, name="explore", short_help="Find a schedule that fails.")
@click.option(
    "--schedules",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Run at most N schedules.",
)
@click.option(
    "--max-time",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Begin no schedule after S seconds.",
)
@click.option(
    "--strategy",
    type=click.Choice((PORTFOLIO, *_core.control.STRATEGIES)),
    default=PORTFOLIO,
    show_default=True,
    help="How schedules are chosen; portfolio takes turns.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63),
    default=0,
    metavar="N",
    help="The same seed tries the same schedules. Default: 0.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Run N schedules at a time. Default: as many as there are processors.",
)
@click.option(
    "--check",
    default="",
    metavar="EXPR",
    help="A schedule fails if this, over the script's globals, is false at its end.",
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="A schedule fails if it shows a finding of this kind; may be given more than once.",
)
@click.option("--keep-going", is_flag=True, help="Go on after the first that fails.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="S",
    help="End a schedule after S seconds.",
)
@click.option("--include", multiple=True, metavar="PKG", help="As for trace run.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The trace file. Default: <script>.failing.msgpack in traces, numbered.",
)
@click.option("--force", is_flag=True, help="Overwrite the FILE of -o.")
@click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does.")
@click.option("-c", "code", metavar="CODE", help="Run code, as python -c does.")
@click.argument("script_and_args", nargs=-1, type=click.UNPROCESSED, metavar="[SCRIPT] [ARGS]...")
def command(
    schedules: int,
    max_time: float | None,
    strategy: str,
    seed: int,
    workers: int | None,
    check: str,
    fail_on: tuple[str, ...],
    keep_going: bool,
    timeout: float,
    include: tuple[str, ...],
    output: Path | None,
    force: bool,
    module: str | None,
    code: str | None,
    script_and_args: tuple[str, ...],
) -> int:
    """Run SCRIPT, -m MODULE or -c CODE under many schedules, until one fails.

    A schedule fails when a thread raises, the program exits with another status than 0, no thread
    can go on, it does not end, or a --check or --fail-on says so. It is reduced to the fewest
    switches between threads, and its trace is kept. Exits with 1 then; with 0 if all passed, 3 if
    they prove less than they seem to.
    """
    from ..exploring import story
    from ..exploring.search import Search, processors
    from ..runs import destination, included
    from ..runs.destination import Destination

    program = program_of(module, code, script_and_args)
    included.check(include)
    if force and output is None:
        raise UsageError("--force is for the FILE of -o; without it no trace is overwritten")
    if keep_going and output is not None:
        raise UsageError("give -o FILE for the first that fails, or --keep-going, not both")
    if output is not None:
        destination.check(output, force=force)

    def place(name: str) -> Destination:
        if output is not None:
            return destination.explicit(output, force=force)
        return destination.default(f"{name}.failing", Path(DEFAULT_FOLDER))

    search = Search(
        program,
        schedules=schedules,
        max_time=max_time,
        strategy=strategy,
        seed=seed,
        workers=workers or processors(),
        check=check,
        fail_on=fail_on,
        keep_going=keep_going,
        include=include,
        timeout=timeout,
        place=place,
        progress=_Progress(schedules) if sys.stderr.isatty() else None,
    )
    result = search.run()
    for found in result.found:
        for line in story.failed(found):
            click.echo(line)
        click.echo("")
    click.echo(story.verdict(result))
    for found in result.found:
        if schedule := found.control.schedule:
            given = f"--seed {seed} " if seed else ""
            click.echo(
                f"trace: the same schedule: trace run {given}--schedule '{schedule}' …", err=True
            )
        click.echo(f"next: trace replay {found.file}", err=True)
    return {"failed": 1, "passed": 0, "inconclusive": 3}[result.verdict]


class _Progress:
    def __init__(self, schedules: int) -> None:
        self.schedules = schedules

    def __call__(self, count: int, classes: int, failed: int) -> None:
        print(
            f"\r\x1b[Ktrace: {count:,} of {self.schedules:,} schedules, {classes:,} different,"
            f" {failed} failed",
            end="" if count < self.schedules else "\n",
            file=sys.stderr,
            flush=True,
        )
