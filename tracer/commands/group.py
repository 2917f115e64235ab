"""The command `trace` and its subcommands.

Errors are printed here and nowhere else: one line on stderr, and the error's own exit code.
"""

from __future__ import annotations

import importlib
import signal
import sys

import click

from ..errors import TracerError, UsageError
from . import streams

COMMANDS = ("run", "show", "check", "diff", "recover", "replay", "explore")
"""The subcommands; `trace NAME` is `tracer.commands.NAME.command`."""

_RECORDING = ("run", "recover", "replay", "explore")
_SIGPIPE = 13  # not every system has the signal


class _LazyGroup(click.Group):
    """A group that imports a subcommand's module when the subcommand is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if name not in _RECORDING or _can_record()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in _RECORDING and not _can_record():
            raise UsageError(
                f"trace {cmd_name} needs Linux: what is installed here reads traces only"
                " (show, check, diff)"
            )
        module = importlib.import_module(f".{cmd_name}", __package__)
        command: click.Command = module.command
        return command


def _can_record() -> bool:
    from .. import _core

    return _core.RECORDS


@click.group(
    cls=_LazyGroup,
    name="trace",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: trace run SCRIPT",
)
@click.version_option(package_name="racetrace", prog_name="trace")
def group() -> None:
    """Record what the threads of a Python program do to each other, and find its races."""


def _report(message: str, exit_code: int) -> int:
    print(f"trace: error: {message}", file=sys.stderr)
    return exit_code


def call(*, interruptible: bool) -> int:
    """Run the command line; its exit status. If it is `interruptible`, Ctrl-C is an exception in
    the commands, which clean up, and then ends this process by SIGINT."""
    streams.guard()
    try:
        if interruptible:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        arguments = sys.argv[1:] or ["--help"]
        try:
            result = group.main(arguments, prog_name="trace", standalone_mode=False)
        finally:
            streams.flush()
        if interruptible:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
    except click.ClickException as error:
        return _report(error.format_message(), error.exit_code)
    except click.exceptions.Exit as request:
        return request.exit_code
    except TracerError as error:
        from ..printing import sentence

        return _report(sentence(str(error)), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
        return 128 + signal.SIGINT
    except streams.ReaderGone:
        return 128 + _SIGPIPE  # as of a program that SIGPIPE has ended
    return result if isinstance(result, int) else 0
