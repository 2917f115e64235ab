"""`trace check`: say what is wrong in a trace."""

from __future__ import annotations

import json as stdjson
from pathlib import Path

import click

from tracer.errors import TracerError, UsageError


@click.command(name="check")
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
    help="With --save-expected: the program has been mended, a replay must not find them again.",
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

    Exits with 0 if nothing was found, 1 if something was, 3 if a trace is broken or shows nothing
    (a run in which nothing was instrumented is no clean run). With --save-expected it exits with
    0 once the findings are kept.
    """
    if fixed and not save_expected:
        raise UsageError("--fixed goes with --save-expected")
    from tracer.progress import working
    from tracer.reporters import json, text
    from tracer.trace import load

    worst = 0
    results = []
    for path in traces:
        try:
            with working(f"checking {path}"):
                trace = load(path)
                found = trace.findings()
        except TracerError as error:
            if len(traces) == 1:
                raise
            # The other traces are still worth a check; the exit status keeps the failure.
            click.echo(f"trace: error: {error}", err=True)
            worst = max(worst, error.exit_code)
            continue
        if save_expected:
            from tracer.testing import expected

            if fixed and not found:
                raise UsageError(f"{path} has no finding that --fixed could speak of")
            click.echo(f"{expected.save(trace, reproduces=not fixed)}: {len(found)} kept", err=True)
        elif found:
            worst = max(worst, 1)
        elif text.unseen(trace) is not None:
            worst = 3
        for note in text.notes(trace):
            click.echo(f"trace: note: {note}", err=True)
        if format_ == "json":
            results.append(json.check(trace, found, text.inconclusive(trace)))
            continue
        if len(traces) > 1:
            click.echo(f"== {path}")
        if found:
            click.echo(text.findings(trace, found) + "\n")
        click.echo(text.verdict(trace, found))
        click.echo(f"next: trace show {path}{' --graph' if found else ''}", err=True)
    if format_ == "json":
        document = results[0] if len(traces) == 1 else results
        click.echo(stdjson.dumps(document, ensure_ascii=False, indent=2))
    context.exit(worst)
