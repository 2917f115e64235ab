"""The program of a recorded run: what is to be run again, and where it is now."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import UsageError
from ..folders import working_directory
from ..runs import interpreter, signature
from ..trace import Trace
from . import variables

WHOLE = ("script", "module", "command")
"""The header's `mode` of runs that `trace run` recorded from their start to their end."""

TEST = "pytest"
"""The `mode` of a recorded test; that of a part of another program is "record"."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was run: the `mode` of a whole program, and its `target` and `arguments`; or the
    interpreter's `arguments` for a program that records a part of itself (`mode` is empty).

    `cwd` and `environment` are the working directory, and the environment variables that the
    interpreter is started with. `file` is that of the program, None where there is none.
    """

    mode: str
    target: str
    arguments: tuple[str, ...]
    cwd: str
    environment: dict[str, str]
    file: str | None

    @property
    def words(self) -> list[str]:
        """What the interpreter is given."""
        option = {"module": ["-m"], "command": ["-c"]}.get(self.mode, [])
        return [*option, *([self.target] if self.mode else []), *self.arguments]


def recorded(trace: Trace) -> Recorded:
    """The program that the trace is of.

    It is looked for where it lies to the trace as it did when it was recorded (another checkout of
    both), then in the recorded working directory, then in the current one. Raises UsageError if
    the program is in none of them, or the trace does not say what was run.
    """
    header = trace.header
    if header.get("platform") != sys.platform:
        raise UsageError(f"recorded on {header.get('platform')}, this is {sys.platform}")
    mode = header.get("mode")
    if mode == TEST:
        return _test(trace)
    words = _words(trace, "command" if mode == "record" else "argv")
    if mode not in (*WHOLE, "record") or not words:
        raise UsageError(f"{trace.path}: does not say what was run")
    line = interpreter.parse(words)
    cwd = str(header.get("cwd"))
    is_script = line.mode == "script" and line.target != "-"
    own = [line.target] if is_script else _own_files(trace, cwd)
    place = _find(trace, cwd, own)
    environment = variables.at_start(trace)
    file = signature.program_file(header, place)
    if is_script:
        words[line.own + line.launcher - 1] = trace.place(line.target)
        file = os.path.join(place, trace.place(line.target))
    if mode == "record":
        return Recorded("", "", tuple(words), place, environment, file)
    target, *arguments = words[0 if mode == "script" else 1 :]
    return Recorded(str(mode), target, tuple(arguments), place, environment, file)


def _test(trace: Trace) -> Recorded:
    """One test in a run of pytest that has the options of the recorded one."""
    header = trace.header
    root, cwd = str(header.get("rootdir")), str(header.get("cwd"))
    file, separator, name = str(header.get("program")).partition("::")
    place = _find(trace, root, [file])
    folder = os.path.normpath(os.path.join(place, os.path.relpath(cwd, root)))
    folder = folder if os.path.isdir(folder) else place
    arguments = (
        *_words(trace, "flags"),
        "-m",
        "pytest",
        *_words(trace, "argv"),
        f"--rootdir={place}",
        os.path.join(place, file) + separator + name,
    )
    environment = variables.at_start(trace)
    return Recorded("", "", arguments, folder, environment, os.path.join(place, file))


def _words(trace: Trace, key: str) -> list[str]:
    words = trace.header.get(key)
    return [str(word) for word in words] if isinstance(words, list) else []


def _find(trace: Trace, cwd: str, own: Sequence[str]) -> str:
    """The folder that is now what `cwd` was: the first with any of the program's `own` files."""
    moved = trace.place(cwd)
    # Where nothing tells whose working directory it is, the recorded one is the likeliest.
    here = working_directory()
    places = dict.fromkeys([moved, cwd, here] if own else [cwd, moved, here])
    for place in places:
        if os.path.isdir(place) and (not own or any(_exists(trace, place, one) for one in own)):
            return place
    raise UsageError(f"cannot find {own[0] if own else cwd}: looked in {', '.join(places)}")


def _own_files(trace: Trace, cwd: str) -> list[str]:
    """The recorded source files below the working directory, as seen from there."""
    files = dict.fromkeys(row[0] for row in trace.core.sites())
    return [os.path.relpath(file, cwd) for file in files if file.startswith(cwd + os.sep)]


def _exists(trace: Trace, place: str, file: str) -> bool:
    return os.path.exists(os.path.join(place, trace.place(file)))
