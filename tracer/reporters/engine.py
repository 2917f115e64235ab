"""Turning a picture into a file: SVG and DOT by ourselves, PNG and PDF by a Graphviz engine.

That is `dot` from PATH, else the pip engine graphviz-pure (the extra `[graph]`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from ..errors import GraphError, UsageError
from . import dot, svg
from .picture import Picture

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


def render(picture: Picture, kind: str) -> bytes:
    """The picture as a file of `kind`: svg, dot, png or pdf.

    Raises GraphError for PNG and PDF if there is no engine, or the engine fails.
    """
    if kind == "svg":
        return svg.render(picture)
    source = dot.source(picture).encode()
    return source if kind == "dot" else _run(source, kind)


def _run(source: bytes, kind: str) -> bytes:
    program = engine()
    if program is None:
        raise GraphError(
            f"no Graphviz engine, which {kind} needs: install graphviz (the command dot),"
            " pip install racetrace[graph], or write svg"
        )
    try:
        done = subprocess.run(
            [program, f"-T{kind}"], input=source, capture_output=True, timeout=_TIMEOUT
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


def write(picture: Picture, file: Path) -> str:
    """Write the picture to `file`, in the format of its suffix, and say so in one line.

    Raises GraphError if it cannot be drawn or the file cannot be written.
    """
    check_suffix(file)
    kind = file.suffix.lower().lstrip(".").replace("gv", "dot")
    drawn = render(picture, kind)
    try:
        file.write_bytes(drawn)
    except OSError as error:
        raise GraphError(f"cannot write {file}: {error.strerror}") from error
    return f"graph: {file}"
