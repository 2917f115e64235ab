"""The summary on stderr with which `trace run` ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from ..errors import TracerError
from .supervisor import Run

ANALYSED = 2_000_000
"""Runs of more events are not analysed for the summary: it would take too long."""


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 100 else f"{seconds:,.0f} s"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"


def _plural(count: int, noun: str) -> str:
    if count != 1:
        noun = noun + ("es" if noun.endswith("s") else "s")
    return f"{count:,} {noun}"


def _counts(run: Run, threads: int) -> str:
    parts = [
        _plural(run.events, "event"),
        _plural(threads, "thread"),
        _plural(run.processes, "process"),
    ]
    if run.seconds is not None:
        parts.append(_duration(run.seconds))
    parts.append(_size(run.bytes))
    return ", ".join(parts)


def _say(line: str) -> None:
    print(f"trace: {line}", file=sys.stderr)


def show(run: Run, misplaced: Sequence[str] = ()) -> None:
    """Print what was recorded, what was found in it, and the next command to type. `misplaced` are
    options of ours that came after the script. Of a run without a trace, why there is none."""
    if run.lost:
        _say(run.lost)
        return
    _say(f"{run.file}: {_counts(run, _threads(run))}")
    if run.timeout is not None:
        _say(f"stopped by --timeout after {run.timeout:g} s{_instead(run)}")
    elif run.signals:
        _say(f"stopped by {signal.Signals(run.signals[0]).name}{_instead(run)}")
    if run.control is not None:
        _say(f"controlled: {run.control.strategy}, seed {run.control.seed}, {run.steps:,} steps")
    if run.uncontrolled:
        _say(
            f"NOT FULLY CONTROLLED: {_plural(run.uncontrolled, 'time')} a thread waited for"
            " what is not under control (another program, C code), and the others went on"
        )
    if run.events > ANALYSED:
        _say("too many events to look for findings here")
    else:
        try:
            _show_findings(run)
        except (TracerError, KeyboardInterrupt) as error:
            _say(f"not analysed: {error or 'interrupted'}")
    for option in misplaced:
        _say(f"{option} came after the script, so it is the script's: for trace, put it before")
    _say(f"next: trace check {run.file}")


def _instead(run: Run) -> str:
    return "" if run.control is not None else "; if it hung, --seed 0 shows that at once"


def _threads(run: Run) -> int:
    """How many threads the program had; the standard library's own are not counted."""
    from ..trace import load

    try:
        return sum(not thread.internal for thread in load(run.file).threads)
    except TracerError:
        return run.threads


def prepare() -> None:
    """Import now, while the program runs, what `show` will need of every run."""
    from .. import analysis, fileformat, trace  # noqa: F401


def _show_findings(run: Run) -> None:
    from ..printing import printable
    from ..progress import working
    from ..trace import load

    trace = load(run.file)
    with working("looking for findings"):
        verdict = trace.verdict()
    if verdict.notes or verdict.findings:
        from ..reporters import text  # which most runs do not need, and takes long

        for note in text.notes(verdict):
            _say(note)
        for finding in verdict.findings:
            _say(text.headline(finding))
    if not verdict.findings:
        _say("no findings" if not verdict.reasons else "no findings, but the run is not clean")
    for reason in verdict.reasons:
        if reason.kind not in ("timeout", "interrupted"):  # which has been said
            _say(f"NOT CLEAN: {printable(reason.text)}")
