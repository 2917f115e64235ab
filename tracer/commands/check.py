"""`trace check`: say what is wrong in a trace."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import TracerError, UsageError


@click.command(name="check", short_help="Find bugs in recorded runs, and explain them.")
@click.argument(
    "traces", nargs=-1, required=True, metavar="TRACE…", type=click.Path(path_type=Path)
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.option(
    "--save-expected",
    is_flag=True,
    help="Keep the findings beside each trace, for pytest --traces to hold it against.",
)
@click.option(
    "--fixed",
    is_flag=True,
    help="With --save-expected: the program has been fixed, a replay must not find them again.",
)
@click.pass_context
def command(
    context: click.Context,
    traces: tuple[Path, ...],
    format_: str,
    save_expected: bool,
    fixed: bool,
) -> None:
    """Find lost updates, data races and other bugs in recorded runs, and explain them.

    Exits with 0 if nothing was found, 1 if something was, 3 if a trace is broken or inconclusive:
    the run was not seen whole, so that nothing found proves nothing. With --save-expected it exits
    with 0 once the findings are kept.
    """
    if fixed and not save_expected:
        raise UsageError("--fixed goes with --save-expected")
    from ..progress import working
    from ..reporters import json, text
    from ..trace import load

    worst = 0
    results = []
    for path in traces:
        try:
            with working(f"checking {path}"):
                trace = load(path)
                verdict = trace.verdict()
        except TracerError as error:
            if len(traces) == 1:
                raise
            # The other traces are still worth a check; the exit status keeps the failure.
            click.echo(f"trace: error: {error}", err=True)
            worst = max(worst, error.exit_code)
            continue
        found = verdict.findings
        if save_expected:
            from ..testing import expected

            if fixed and not found:
                raise UsageError(f"{path} has no finding that --fixed could speak of")
            click.echo(f"{expected.save(trace, reproduces=not fixed)}: {len(found)} kept", err=True)
        else:
            worst = max(worst, verdict.exit_code)
        for note in text.notes(verdict):
            click.echo(f"trace: {note}", err=True)
        if format_ == "json":
            results.append(json.check(trace, verdict))
            continue
        if len(traces) > 1:
            click.echo(f"== {path}")
        for part in filter(None, (text.findings(trace, found), text.reasons(verdict))):
            click.echo(part + "\n")
        click.echo(text.last_word(trace, verdict))
        click.echo(f"next: trace show {path}{' --graph' if found else ''}", err=True)
    if format_ == "json":
        document = results[0] if len(traces) == 1 else results
        click.echo(json.encode(document, indent=2))
    context.exit(worst)
