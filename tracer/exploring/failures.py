"""What makes a run a failing one."""

from __future__ import annotations

import signal
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..analysis import unnoticed
from ..errors import UsageError
from ..reporters import text
from .runner import Ran


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a run failed. `kind` is "deadlock", "livelock", "raised", "exit", "signal",
    "check" or that of a finding; runs that fail alike have the same `kind` and `subject`. `text` is
    for people."""

    kind: str
    subject: str
    text: str


def failure(ran: Ran, check: str = "", fail_on: Collection[str] = ()) -> Failure | None:
    """The first way in which the run failed; None if it passed. `check` is the expression that was
    checked at its end, `fail_on` are kinds of findings. Raises UsageError for a check that cannot
    be made."""
    return next(_failures(ran, check, fail_on), None)


def _failures(ran: Ran, check: str, fail_on: Collection[str]) -> Iterator[Failure]:
    control = ran.trace.header["control"]
    assert isinstance(control, dict)
    if control["deadlock"]:
        yield Failure("deadlock", "", "no thread can go on")
        return
    if control.get("endless"):
        steps = control["steps"]
        yield Failure("livelock", "", f"it has not ended after {steps:,} steps")
        return
    for (error, where), names in unnoticed.deaths(ran.trace).items():
        yield Failure("raised", error + where, f"{names[0]} died of {error}{where}")
    if ran.status < 0:
        name = signal.Signals(-ran.status).name
        yield Failure("signal", name, f"killed by {name}")
    if ran.status > 0:
        last = ran.output.decode("utf-8", "replace").strip().rpartition("\n")[2]
        said = f"exit status {ran.status}" + (f": {last}" if last else "")
        yield Failure("exit", str(ran.status), said)
    if check:
        if ran.checked == "False":
            yield Failure("check", check, f"at the end {check} is false")
        elif ran.checked not in ("True", ""):
            raise UsageError(f"--check {check!r}: {ran.checked}")
    if fail_on:
        for finding in ran.trace.findings():
            if finding.kind in fail_on:
                yield Failure(finding.kind, text.headline(finding), text.headline(finding))
