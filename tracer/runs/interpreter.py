"""Command lines of the Python interpreter, and the environment that it heeds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple


class CommandLine(NamedTuple):
    """What the arguments of an interpreter say, from the second on.

    `flags` are for the interpreter itself; `own` says how many arguments are nothing but flags.
    `mode` is "script", "module" or "command", and "" if no program is simply run: for `-i` or
    `--version`, or if none is named. `target` is the path, the module's name or the code, which
    `launcher` arguments from `own` on give.
    """

    flags: list[str]
    own: int
    mode: str = ""
    target: str = ""
    launcher: int = 0


def parse(arguments: Sequence[str]) -> CommandLine:
    """Read the arguments as CPython does."""
    flags: list[str] = []
    special = False
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        following = arguments[position + 1 : position + 2]
        if argument == "--check-hash-based-pycs":
            flags += [argument, *following]
            position += 2
            continue
        if argument == "--" or not argument.startswith("-") or argument == "-":
            script = following if argument == "--" else [argument]
            if special or not script:
                break
            return CommandLine(flags, position, "script", script[0], 2 if argument == "--" else 1)
        special |= argument.startswith("--")
        letters = "" if argument.startswith("--") else argument[1:]
        end = min((letters.index(letter) for letter in "mcWX" if letter in letters), default=None)
        special |= bool(set(letters[:end]) & set("hV?ix"))
        if end is None or letters[end] in "WX":
            operand = end is not None and end == len(letters) - 1
            flags += [argument, *following] if operand else [argument]
            position += 2 if operand else 1
            continue
        if end:
            flags.append(f"-{letters[:end]}")
        target = [letters[end + 1 :]] if end + 1 < len(letters) else following
        if special or not target:
            break
        mode = "module" if letters[end] == "m" else "command"
        return CommandLine(flags, position, mode, target[0], 2 if target is following else 1)
    return CommandLine(flags, min(position, len(arguments)))


def heeded_environment() -> dict[str, str]:
    """The environment variables that the interpreter itself goes by."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PYTHON", "LC_")) or name in ("LANG", "TZ")
    }
