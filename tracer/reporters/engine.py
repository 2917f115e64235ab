"""Turning DOT into a picture: by `dot` from PATH, else by the pip engine graphviz-pure."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tracer.errors import GraphError, UsageError

SUFFIXES = (".svg", ".png", ".pdf", ".dot", ".gv")
_PIP_ENGINE = "graphviz-pure"
_TIMEOUT = 120


def engine() -> str | None:
    """The path of the Graphviz engine to use; None if there is none."""
    beside = Path(sys.executable).with_name(_PIP_ENGINE)
    pip_engine = str(beside) if beside.is_file() else shutil.which(_PIP_ENGINE)
    return shutil.which("dot") or pip_engine


def check_suffix(file: Path) -> None:
    """Raise UsageError if no picture can be written under this name."""
    if file.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{file}: the name must end in one of {', '.join(SUFFIXES)}")


def render(source: str, kind: str) -> bytes:
    """The picture of DOT `source`; `kind` is svg, png, pdf or dot (the source itself).

    Raises GraphError if there is no engine, or the engine fails.
    """
    if kind == "dot":
        return source.encode()
    program = engine()
    if program is None:
        raise GraphError(
            "no Graphviz engine: install graphviz (the command dot) or pip install racetrace[graph]"
        )
    try:
        done = subprocess.run(
            [program, f"-T{kind}"], input=source.encode(), capture_output=True, timeout=_TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GraphError(f"{program}: {error}") from error
    if done.returncode or not done.stdout:
        raise GraphError(_failure(program, kind, done.stderr.decode(errors="replace").strip()))
    return done.stdout


def _failure(program: str, kind: str, errors: str) -> str:
    """Why the engine wrote nothing, in one line."""
    unknown, _, known = errors.partition("not recognized. Use one of:")
    if known and unknown.startswith("Format:"):
        formats = [name for name in ("svg", "png", "pdf") if name in known.split()]
        return (
            f"{program} cannot write {kind}, only {', '.join(formats)} and dot; the command dot of"
            f" Graphviz may: install graphviz, or choose another format"
        )
    reason = errors.splitlines()
    return f"{program} -T{kind} failed: {reason[0] if reason else 'no output'}"


def write(source: str, file: Path) -> str:
    """Write the picture to `file`, in the format of its suffix, and say so in one line.

    Where no engine is installed, the DOT text is written beside it instead, and the line says how
    to get an engine. Raises GraphError if the engine fails or the file cannot be written.
    """
    check_suffix(file)
    kind = file.suffix.lower().lstrip(".").replace("gv", "dot")
    message = f"graph: {file}"
    if kind != "dot" and engine() is None:
        file, kind = file.with_suffix(".dot"), "dot"
        message = (
            f"graph: {file} (DOT text: no Graphviz engine here; install graphviz, or"
            " pip install racetrace[graph])"
        )
    try:
        file.write_bytes(render(source, kind))
    except OSError as error:
        raise GraphError(f"cannot write {file}: {error.strerror}") from error
    return message
