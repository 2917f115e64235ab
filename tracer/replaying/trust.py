"""Whether a trace's program is known to be the user's own.

To replay a trace is to run a program, with the arguments and variables that the trace names; and a
trace may be from a stranger. What is known is what this user recorded on this machine (see
`tracer.runs.signature`), and a program of this checkout, by its name and content.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from .. import sources
from ..folders import working_directory
from ..runs import interpreter, signature
from ..trace import Trace
from .program import TEST, Recorded

_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")
"""What the top folder of a checkout has one of."""

_PLAIN_FLAG = re.compile(r"-[bBdEIOPqsSuv]+|-X|-W|(-X|-W)?[a-z_]+(=\d+)?")
_PLAIN_OPTION = re.compile(r"-[qvsxl]+|-n\d+|--(maxfail|tb|durations|color|capture)=\w+|-p")
_PLUGIN = re.compile(r"no:\w+")


def command(program: Recorded) -> str:
    """What is run, as one would type it."""
    variables = [
        f"{name}={shlex.quote(value)}"
        for name, value in program.environment.items()
        if name == "PYTHONPATH"
    ]
    return " ".join([*variables, "python", shlex.join(program.words)])


def doubt(trace: Trace, program: Recorded, *, edited: bool = False) -> str | None:
    """Why the program is not known to be the user's own; None if it is. `edited` says that its
    file need not have the recorded content any more."""
    file, header = program.file, trace.header
    same = file is not None and _has_content(trace, file)
    if signature.is_ours(header) and (file is None or same or _is_in_place(trace, file)):
        return None
    if file is None:
        return "it was not recorded here, and is no file of this checkout"
    project = _project(Path(os.path.realpath(working_directory() or os.sep)))
    if project is None:
        return "it was not recorded here, and the working directory is that of no checkout"
    folders = [program.cwd, *filter(None, program.environment.get("PYTHONPATH", "").split(":"))]
    for place in (file, *(os.path.join(program.cwd, folder) for folder in folders)):
        if not Path(os.path.realpath(place)).is_relative_to(project):
            return f"it was not recorded here, and {place} is not below {project}"
    if strange := _strange_word(program, str(header.get("mode"))):
        return f"it was not recorded here, and has the option {strange}"
    if not (same or edited):
        return f"it was not recorded here, and {file} is not what was recorded"
    return None


def _is_in_place(trace: Trace, file: str) -> bool:
    recorded = signature.program_file(trace.header, _home(trace))
    return recorded is not None and os.path.realpath(file) == os.path.realpath(recorded)


def _home(trace: Trace) -> str:
    """The folder from which the program's name was seen."""
    header = trace.header
    return str(header.get("rootdir" if header.get("mode") == TEST else "cwd"))


def _has_content(trace: Trace, file: str) -> bool:
    """Whether the file is what was recorded; of an older trace, which has no hash, whether it has
    the lines that events came from."""
    if (content := trace.header.get("content")) is not None:
        return signature.content_of(file) == content
    place = os.path.realpath(file)
    own = [site for site in trace.sites if site.text and os.path.realpath(site.file) == place]
    return bool(own) and all(map(sources.shows, own))


def _project(folder: Path) -> Path | None:
    """The top folder of the checkout that the folder is in; itself if it is in none. Neither / nor
    a home is one: all sorts of things are below them."""
    home = os.path.realpath(os.path.expanduser("~"))
    top = folder
    for parent in (folder, *folder.parents):
        if str(parent) in (home, os.sep):
            break
        if any((parent / name).exists() for name in _PROJECT):
            top = parent
            break
    return None if str(top) in (home, os.sep) else top


def _strange_word(program: Recorded, mode: str) -> str | None:
    """The first option of the interpreter or of pytest that may do more than run the file."""
    line = interpreter.parse(program.words)
    if strange := next((f for f in line.flags if not _PLAIN_FLAG.fullmatch(f)), None):
        return strange
    if mode != TEST:
        return None
    return _strange_option(program.words[line.own + line.launcher : -2])


def _strange_option(options: Sequence[str]) -> str | None:
    before = ""
    for option in options:
        if not (_PLUGIN if before == "-p" else _PLAIN_OPTION).fullmatch(option):
            return option
        before = option
    return None
