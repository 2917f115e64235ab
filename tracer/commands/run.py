"""`trace run`: record one run of a program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import _core
from ..errors import UsageError
from ..folders import working_directory
from ..runs.control import DEFAULT_DEPTH, DEFAULT_LENGTH, Control
from ..runs.launch import DEFAULT_FOLDER, ORPHANS
from ..runs.schedule import Schedule
from .misplaced import misplaced

if TYPE_CHECKING:
    from ..settings import Settings
    from ..supervising import supervisor

FREE = "free"
"""The strategy of a run that is not under control."""

MODES = ("module", "code")


def _own_length(command: click.Command, args: list[str]) -> int:
    """How many of `args` are ours: all before the script, or up to the operand of -m or -c."""
    with_value = {
        name
        for param in command.params
        if isinstance(param, click.Option) and not param.is_flag
        for name in param.opts
    }
    tokens: Iterator[tuple[int, str]] = iter(enumerate(args))
    for position, token in tokens:
        if token == "--":
            return position + 1
        if not token.startswith("-") or token == "-":
            return position
        if token[:2] in ("-m", "-c") and not token.startswith("--"):
            return position + (2 if len(token) == 2 else 1)
        if token in with_value:
            next(tokens, None)
    return len(args)


class RunCommand(click.Command):
    """Leaves everything after the script, or after the operand of -m or -c, to the program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        split = _own_length(self, args)
        own, rest = args[:split], args[split:]
        if own and own[-1] == "--":
            own.pop()
        # Without the program there is no "--", or -m would take that for its operand.
        return super().parse_args(ctx, [*own, "--", *rest] if rest else own)

    def invoke(self, ctx: click.Context) -> Any:
        """What the command line leaves open is as the project's settings say."""
        from .. import settings

        kept = settings.load(Path(working_directory()))
        if kept is not None:
            options = {option.opts[-1].removeprefix("--"): option for option in _kept(self)}
            for key, given in kept.table.items():
                if key not in options:
                    raise kept.error(key, "is no setting")
                option = options[key]
                name = option.name or ""
                value = _converted(option, given, ctx, key, kept)
                if option.multiple:
                    ctx.params[name] = (*value, *ctx.params[name])
                elif ctx.get_parameter_source(name) is ParameterSource.DEFAULT:
                    ctx.params[name] = value
        return super().invoke(ctx)


def _kept(command: click.Command) -> Iterator[click.Option]:
    """The options that a project may have settings for."""
    for param in command.params:
        if isinstance(param, click.Option) and param.name not in ("output", "force", *MODES):
            yield param


def _converted(
    option: click.Option, given: object, ctx: click.Context, key: str, kept: Settings
) -> Any:
    """The setting as the option has its value. Raises UsageError if it may not have this one."""
    items = given if option.multiple and isinstance(given, list) else [given]
    if option.multiple:
        kind, fits = "a list of names of packages", isinstance(given, list)
        fits = fits and all(isinstance(item, str) for item in items)
    elif option.is_flag:
        kind, fits = "true or false", isinstance(given, bool)
    elif isinstance(option.type, click.IntRange):
        kind, fits = "a whole number", type(given) is int
    elif isinstance(option.type, click.FloatRange):
        kind, fits = "a number", type(given) in (int, float)
    else:
        kind, fits = "a text", isinstance(given, str)
    if not fits:
        raise kept.error(key, f"must be {kind}")
    if isinstance(option.type, click.Path):
        return kept.file.parent / str(given)
    try:
        return option.type_cast_value(ctx, items if option.multiple else given)
    except click.BadParameter as error:
        raise kept.error(key, f"is wrong: {error.message}") from None


def _refuse_without_effect(context: click.Context) -> None:
    """Raise UsageError for an option on the command line that would do nothing."""
    options = context.params

    def given(name: str) -> bool:
        return context.get_parameter_source(name) is ParameterSource.COMMANDLINE

    for name in ("depth", "length"):
        if given(name) and options["strategy"] != "pct":
            raise UsageError(f"--{name} is for --strategy pct")
    if given("seed") and options["strategy"] == FREE:
        raise UsageError("--seed is for a run under control, and --strategy free is one without")
    if given("schedule") and any(map(given, ("strategy", "depth", "length", "clock"))):
        raise UsageError("--schedule says who runs next: it goes with no --strategy or --clock")
    if given("clock") and not (given("seed") or given("strategy")):
        raise UsageError("--clock is for a run under control: give a --seed, too")
    if given("traces") and options["output"] is not None:
        raise UsageError("give -o FILE or --traces DIR, not both")
    if given("force") and options["output"] is None:
        raise UsageError("--force is for the FILE of -o; without it no trace is overwritten")
    if given("include") and not options["memory"]:
        raise UsageError("--include is for accesses, and --no-memory records none")


def program_of(
    module: str | None, code: str | None, script_and_args: tuple[str, ...]
) -> supervisor.Program:
    """What the command line says is to be run. Raises UsageError for nothing, or two things."""
    from ..supervising import supervisor

    if module is not None and code is not None:
        raise UsageError("give -m or -c, not both")
    if module is not None:
        return supervisor.Program("module", module, script_and_args)
    if code is not None:
        return supervisor.Program("command", code, script_and_args)
    if script_and_args:
        return supervisor.Program("script", script_and_args[0], script_and_args[1:])
    raise UsageError("nothing to run: give a SCRIPT, -m MODULE or -c CODE")


@click.command(cls=RunCommand, short_help="Record one run of a program.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The trace file. Default: <script>.msgpack in DIR, numbered rather than overwritten.",
)
@click.option(
    "--traces",
    type=click.Path(path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    metavar="DIR",
    help="Where the trace file goes, if not as -o says.",
)
@click.option(
    "--include",
    multiple=True,
    metavar="PKG",
    help="Record memory accesses in this package too; may be given more than once.",
)
@click.option(
    "--follow-subprocess/--no-follow-subprocess",
    default=False,
    help="Record the Python programs that it starts (subprocess, os.posix_spawn, os.exec…) too.",
)
@click.option(
    "--memory/--no-memory", default=True, help="Record accesses too, or synchronization only."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="End the program after S seconds (SIGINT, then SIGTERM, then SIGKILL); exit with 124.",
)
@click.option(
    "--orphans",
    type=click.FloatRange(min=0),
    default=ORPHANS,
    show_default=True,
    metavar="S",
    help="Wait S seconds for processes that outlive the first one; others are left running.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
    metavar="N",
    help="Run under control: the same seed gives the same run. Default with --strategy: 0.",
)
@click.option(
    "--strategy",
    type=click.Choice((*_core.control.STRATEGIES, FREE)),
    help="Who runs next under control. Default with --seed: random. free: without control.",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 64),
    default=DEFAULT_DEPTH,
    show_default=True,
    metavar="D",
    help="pct: how many orderings a bug needs.",
)
@click.option(
    "--length",
    type=click.IntRange(1),
    default=DEFAULT_LENGTH,
    show_default=True,
    metavar="K",
    help="pct: how many steps the run is expected to take.",
)
@click.option(
    "--clock",
    type=click.Choice(("virtual", "explored")),
    default="virtual",
    show_default=True,
    help="explored: a sleep or timeout may end while others still run, as if they were slow.",
)
@click.option(
    "--schedule",
    metavar="TOKEN",
    help="Run under control, with the schedule that trace explore has found.",
)
@click.option("--force", is_flag=True, help="Overwrite the FILE of -o.")
@click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does.")
@click.option("-c", "code", metavar="CODE", help="Run code, as python -c does.")
@click.argument("script_and_args", nargs=-1, type=click.UNPROCESSED, metavar="[SCRIPT] [ARGS]...")
@click.pass_context
def command(
    context: click.Context,
    output: Path | None,
    traces: Path,
    include: tuple[str, ...],
    follow_subprocess: bool,
    memory: bool,
    timeout: float | None,
    orphans: float,
    seed: int | None,
    strategy: str | None,
    depth: int,
    length: int,
    clock: str,
    schedule: str | None,
    force: bool,
    module: str | None,
    code: str | None,
    script_and_args: tuple[str, ...],
) -> int:
    """Run SCRIPT, -m MODULE or -c CODE, and record what its threads do to each other.

    The program sees what it sees under plain python; `trace run` ends as the program ends: with
    its exit status, or by the signal that killed it.
    """
    from ..runs import hashing
    from ..supervising import summary, supervisor

    program = program_of(module, code, script_and_args)
    _refuse_without_effect(context)
    control = None
    if schedule is not None:
        parsed = Schedule.parse(schedule)
        control = Control("schedule", seed or 0, explores_time=parsed.late, schedule=str(parsed))
    elif strategy != FREE and (seed is not None or strategy is not None):
        control = Control(
            strategy or "random", seed or 0, depth, length, explores_time=clock == "explored"
        )
    run = supervisor.supervise(
        program,
        output=output,
        folder=traces,
        force=force,
        memory=memory,
        include=include,
        timeout=timeout,
        orphans=orphans,
        control=control,
        follow=follow_subprocess,
        preload=schedule is not None,
        asked_seed=os.environ.get(hashing.VARIABLE),
        meanwhile=summary.prepare,
    )
    summary.show(run, misplaced(context.command, program, run))
    return run.exit_like_the_program()
