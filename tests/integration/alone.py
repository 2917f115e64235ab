"""Running programs of which one thread is alone at times."""

from __future__ import annotations

import re
from pathlib import Path

from commandline import invoke, run

import tracer
from tracer.events import Op

READS = {Op.READ, Op.ITERATE}


def places(trace: tracer.Trace, source: str, name: str = "main.py") -> set[str]:
    """The labels (`# label`) of the lines in which reads were recorded."""
    lines = source.splitlines()
    found = set()
    for event in trace.events:
        if event.op in READS and event.site is not None and event.site.file.endswith(name):
            label = re.search(r"# (\w+)$", lines[event.site.line - 1])
            if label is not None:
                found.add(label[1])
    return found


def recorded(folder: Path, source: str, *options: str) -> set[str]:
    (folder / "main.py").write_text(source)
    done = run(folder, "main.py", options=options)
    assert done.status == 0, done.stderr
    return places(done.trace, source)


def replayed(folder: Path, times: int = 1) -> None:
    arguments = ["replay", "--times", str(times), str(folder / "t.msgpack")]
    done = invoke(folder, *arguments, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
