"""Whether the replay of a program that was fixed still shows what a trace of it shows.

That nothing was found proves nothing where the code of the finding did not run, or not all of the
run was seen: such a replay is inconclusive, and no pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..reporters import text
from ..reporters.phrases import plural
from . import expected

if TYPE_CHECKING:
    from ..analysis import Verdict
    from ..events import Event, Finding, Site
    from ..trace import Trace


def failure(original: Trace, findings: Sequence[Finding], again: Trace) -> str | None:
    """Why the run `again`, of the fixed program, does not show that the findings of the original
    are gone; None if it shows that."""
    verdict = again.verdict()
    if found := verdict.findings:
        known = expected.Expectation(tuple(map(expected.summary, findings)))
        return (
            "\n".join(
                f"{'still there' if known.has(one) else 'not there before'}: {text.title(one)}"
                for one in found
            )
            + f"\n\n{text.findings(again, found)}"
        )
    reason = _incomplete(original, again, verdict) or next(
        (why for one in findings if (why := _not_run(one, again))), None
    )
    return f"inconclusive: {reason}" if reason else None


def _incomplete(original: Trace, again: Trace, verdict: Verdict) -> str | None:
    """Why not all of the run was seen, or it was not a run like the original."""
    control = again.header.get("control")
    control = control if isinstance(control, dict) else {}
    if control.get("stopped"):
        return "the replay was ended early, for it had nothing in common with the trace any more"
    if times := control.get("uncontrolled"):
        return (
            f"not fully controlled: {plural(times, 'time')} a thread waited in something"
            " uncontrolled, and the others went on"
        )
    status, before = (one.processes[0].exit_status for one in (again, original))
    if status not in (0, before):
        return f"the program ended with {status}, and with {before} when it was recorded"
    return next((one.text for one in verdict.reasons), None) or next(iter(again.notes), None)


def _not_run(finding: Finding, again: Trace) -> str | None:
    """Why the run says nothing of the finding: its code did not run, or for one thread only.

    The code is known by its functions and the variable that they use; its lines may have moved.
    """
    wanted = {_function(site) for site in finding.sites}
    used = [event for event in _uses(finding, again) if event.site is not None]
    for file, function in sorted(wanted - {_function(event.site) for event in used if event.site}):
        where = f"`{function}` of {file}" if function else file
        what = f" with {finding.location.short}" if finding.location is not None else ""
        return f"{text.title(finding)}: {where} did not run{what}"
    threads = {event.thread for event in used if event.site and _function(event.site) in wanted}
    if len(threads) < min(2, len(set(finding.threads))):
        return f"{text.title(finding)}: its code ran in one thread only"
    return None


def _uses(finding: Finding, again: Trace) -> Iterator[Event]:
    """The events that are about the finding's variable; all, if it has none."""
    location = finding.location
    return (
        event
        for event in again.events
        if location is None or (event.location is not None and event.location.name == location.name)
    )


def _function(site: Site) -> tuple[str, str]:
    return Path(site.file).name, site.function
