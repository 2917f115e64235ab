"""What the commands take before they do anything."""

from __future__ import annotations

import compileall

from .measure import HERE, PROGRAMS, TRACE, python, ratio, trace, whole


def measure(folder: str) -> None:
    # An installed package is compiled; one that is being worked on may be so only in part.
    compileall.compile_dir(HERE.parent / "tracer", quiet=1)
    print("Start-up: whole commands, times python of an empty script")
    empty = PROGRAMS / "empty.py"
    ratio("trace run of an empty script", trace(folder, str(empty)), python(empty), whole)
    ratio("trace --help", [TRACE, "--help"], python(empty), whole)
