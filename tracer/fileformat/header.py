"""The header of a trace file, which may be anybody's: its fields have the types of FORMAT.md."""

from __future__ import annotations

import os
from collections.abc import Callable

_SEEDS = 2**32


def _text(value: object) -> bool:
    """Whether it is a text that may be an argument, a path or a variable."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return True


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _variables(value: object) -> bool:
    return isinstance(value, dict) and all(
        _text(name) and _text(text) and name and "=" not in name for name, text in value.items()
    )


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _statuses(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and (one is None or isinstance(one, int)) for key, one in value.items()
    )


def _control(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(one, str | int | float | None)
        for key, one in value.items()
    )


def _stopped(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    signals = value.get("signals", [])
    return isinstance(signals, list) and all(map(_count, signals)) and _count(value.get("seq", 0))


_FITS: dict[str, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(
        ("program", "mode", "cwd", "folder", "rootdir", "python", "platform", "content"),
        (_text, "a text"),
    ),
    **dict.fromkeys(
        ("argv", "command", "flags", "include", "unrewritten"), (_texts, "a list of texts")
    ),
    **dict.fromkeys(("recording", "named", "supervisor", "duration"), (_count, "a number")),
    **dict.fromkeys(("started", "timeout"), (_number, "a number")),
    "hash_seed": (lambda value: _count(value) and value < _SEEDS, "a seed"),  # type: ignore[operator]
    "memory": (_flag, "a flag"),
    "lone_reads": (_flag, "a flag"),
    "follow_subprocess": (_flag, "a flag"),
    "environment": (_variables, "a map of variables"),
    "exit_status": (_statuses, "a map of numbers"),
    "control": (_control, "a map of texts and numbers"),
    "stopped": (_stopped, "a map of signals and seq"),
}


def fault(header: dict[str, object]) -> str | None:
    """What is wrong with the header, in a line; None if nothing is. Every field may be missing."""
    for name, (fits, kind) in _FITS.items():
        value = header.get(name)
        if value is not None and not fits(value):
            return f"the header's {name} is not {kind}"
    return None
