"""Options of `trace run` that came after the script, and so are the script's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..supervising.supervisor import Program, Run

_USAGE = 2  # the exit status of a program that does not know an option


def misplaced(command: click.Command, program: Program, run: Run) -> list[str]:
    """The options of the command among the arguments of the program, with their values, unless the
    program has such options itself: its source has the name. Where that is not known, it has
    refused them."""
    options = {
        name: option
        for option in command.params
        if isinstance(option, click.Option)
        for name in (*option.opts, *option.secondary_opts)
        if name.startswith("--")
    }
    source = _source(program)
    if source is None and run.exit_status != _USAGE:
        return []
    return [
        text
        for name, text in _found(list(program.arguments), options)
        if source is None or name.removeprefix("--").replace("-", "_") not in source
    ]


def _found(arguments: list[str], options: dict[str, click.Option]) -> Iterator[tuple[str, str]]:
    if "--" in arguments:
        arguments = arguments[: arguments.index("--")]
    for position, argument in enumerate(arguments):
        name = argument.partition("=")[0]
        if name in options:
            takes = not options[name].is_flag and name == argument
            yield name, " ".join(arguments[position : position + 1 + takes])


def _source(program: Program) -> str | None:
    """The program's source, with underscores for hyphens; None if it is not known."""
    if program.mode == "command":
        return program.target.replace("-", "_")
    if program.mode != "script":
        return None
    try:
        text = Path(program.target).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.replace("-", "_")
