"""The program of a recorded run: what is to be run again, and where it is now."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from tracer.errors import UsageError
from tracer.recording.supervisor import Program
from tracer.trace import Trace


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was run, in which working directory, with which of Python's environment variables."""

    program: Program
    cwd: str
    environment: Mapping[str, str]


def recorded(trace: Trace) -> Recorded:
    """The program that the trace is of.

    It is looked for where it lies to the trace as it did when it was recorded (another checkout of
    both), then in the recorded working directory, then in the current one. Raises UsageError if
    the trace is not of `trace run` or its program is in none of them.
    """
    header = trace.header
    mode, argv, cwd = str(header.get("mode")), header.get("argv"), str(header.get("cwd"))
    if trace.path is None or mode not in ("script", "module", "command"):
        raise UsageError("only a run of `trace run` can be replayed")
    if header.get("platform") != sys.platform:
        raise UsageError(f"recorded on {header.get('platform')}, this is {sys.platform}")
    if not isinstance(argv, list):
        raise UsageError(f"{trace.path}: does not say what was run")
    target, *arguments = (str(word) for word in argv[0 if mode == "script" else 1 :])
    own = [target] if mode == "script" and target != "-" else _own_files(trace, cwd)
    moved = trace.place(cwd)
    # Where nothing tells whose working directory it is, the recorded one is the likeliest.
    places = [moved, cwd, os.getcwd()] if own else [cwd, moved, os.getcwd()]
    for place in dict.fromkeys(places):
        if os.path.isdir(place) and (not own or any(_exists(trace, place, one) for one in own)):
            break
    else:
        raise UsageError(f"cannot find {own[0] if own else cwd}: looked in {_listed(places)}")
    if mode == "script":
        target = trace.place(target)
    return Recorded(Program(mode, target, tuple(arguments)), place, _environment(trace))


def _own_files(trace: Trace, cwd: str) -> list[str]:
    """The recorded source files below the working directory, as seen from there."""
    files = dict.fromkeys(row[0] for row in trace.core.sites())
    return [os.path.relpath(file, cwd) for file in files if file.startswith(cwd + os.sep)]


def _exists(trace: Trace, place: str, file: str) -> bool:
    return os.path.exists(os.path.join(place, trace.place(file)))


def _environment(trace: Trace) -> dict[str, str]:
    header = trace.header
    environment = header.get("environment")
    found = dict(environment) if isinstance(environment, dict) else {}
    if path := found.get("PYTHONPATH"):
        found["PYTHONPATH"] = os.pathsep.join(map(trace.place, path.split(os.pathsep)))
    return {**found, "PYTHONHASHSEED": str(header.get("hash_seed", 0))}


def _listed(places: list[str]) -> str:
    return ", ".join(dict.fromkeys(places))
