"""`trace run`: record one run of a program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from tracer import _core
from tracer.errors import UsageError
from tracer.recording import ORPHANS
from tracer.scheduling import DEFAULT_DEPTH, DEFAULT_LENGTH, Control


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


class _RunCommand(click.Command):
    """Leaves everything after the script, or after the operand of -m or -c, to the program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        split = _own_length(self, args)
        own, rest = args[:split], args[split:]
        if own and own[-1] == "--":
            own.pop()
        # Without the program there is no "--", or -m would take that for its operand.
        return super().parse_args(ctx, [*own, "--", *rest] if rest else own)


@click.command(cls=_RunCommand, options_metavar="[OPTIONS]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The trace file. Default: traces/<script>.msgpack, numbered rather than overwritten.",
)
@click.option(
    "--include",
    multiple=True,
    metavar="PKG",
    help="Record memory accesses in this package too; may be given more than once.",
)
@click.option(
    "--follow-subprocess",
    is_flag=True,
    help="Record the Python programs that it starts (subprocess, os.posix_spawn, os.exec…) too.",
)
@click.option("--no-memory", is_flag=True, help="Record synchronization only.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Interrupt the program after S seconds (SIGINT, then SIGTERM, then SIGKILL), exit 124.",
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
    type=click.Choice(_core.STRATEGIES),
    help="Who runs next under control. Default with --seed: random.",
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
@click.option("--force", is_flag=True, help="Overwrite the FILE of -o.")
@click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does.")
@click.option("-c", "code", metavar="CODE", help="Run code, as python -c does.")
@click.argument("script_and_args", nargs=-1, type=click.UNPROCESSED, metavar="[SCRIPT] [ARGS]...")
def command(
    output: Path | None,
    include: tuple[str, ...],
    follow_subprocess: bool,
    no_memory: bool,
    timeout: float | None,
    orphans: float,
    seed: int | None,
    strategy: str | None,
    depth: int,
    length: int,
    force: bool,
    module: str | None,
    code: str | None,
    script_and_args: tuple[str, ...],
) -> int:
    """Run SCRIPT, -m MODULE or -c CODE, and record what its threads do to each other.

    The program sees what it sees under plain python; `trace run` ends as the program ends: with
    its exit status, or by the signal that killed it.
    """
    from tracer import settings
    from tracer.recording import summary, supervisor

    if module is not None and code is not None:
        raise UsageError("give -m or -c, not both")
    if module is not None:
        program = supervisor.Program("module", module, script_and_args)
    elif code is not None:
        program = supervisor.Program("command", code, script_and_args)
    elif script_and_args:
        program = supervisor.Program("script", script_and_args[0], script_and_args[1:])
    else:
        raise UsageError("nothing to run: give a SCRIPT, -m MODULE or -c CODE")
    control = None
    if seed is not None or strategy is not None:
        control = Control(strategy or "random", seed or 0, depth, length)
    run = supervisor.supervise(
        program,
        output=output,
        force=force,
        memory=not no_memory,
        include=[*settings.load(Path.cwd()).include, *include],
        timeout=timeout,
        orphans=orphans,
        control=control,
        follow=follow_subprocess,
        meanwhile=summary.prepare,
    )
    summary.show(run)
    return run.exit_like_the_program()
