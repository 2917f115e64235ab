"""What the commands take before they do anything."""

from __future__ import annotations

from .measure import PROGRAMS, Bench, whole

_COMPILE = """
import compileall, pathlib, racetrace
for name in "tracer", "racetrace":
    compileall.compile_dir(pathlib.Path(racetrace.__file__).parent.parent / name, quiet=1)
"""


def measure(bench: Bench) -> None:
    bench.ask(_COMPILE)  # as pip does; a package that is being worked on may be so only in part
    print("Start-up: whole commands, times python of an empty script")
    script = PROGRAMS / "empty.py"
    empty = bench.plain(script)
    bench.ratio("trace run of an empty script", bench.traced(str(script)), empty, whole)
    bench.ratio("trace --help", [bench.trace, "--help"], empty, whole)
