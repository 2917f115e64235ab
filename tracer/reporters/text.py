"""Findings in sentences, with the source lines and the events they speak of."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from .. import sources
from ..analysis import Verdict, rules
from ..events import Event, Finding, Kind, Site, Status
from ..printing import name, printable
from ..trace import Trace
from .internals import own_threads
from .phrases import phrase, plural, stack_text, thread_name

STATUS = {
    Status.OBSERVED: "it happened in this run",
    Status.PREDICTED: "another interleaving of the same events does it",
}
_WIDTH = 96
_MOST_EVENTS = 12


def findings(trace: Trace, findings: Sequence[Finding]) -> str:
    """All findings, numbered, most of what is known of each; empty if there are none."""
    return "\n\n".join(
        "\n".join(_finding(trace, number, one)) for number, one in enumerate(findings, 1)
    )


def title(finding: Finding) -> str:
    """A finding in one line: `Lost update on num (observed, 99 of 100)`."""
    on = finding.object.name if finding.object is not None else None
    if finding.location is not None:
        on = finding.location.short
    count = ""
    if finding.status is Status.OBSERVED and finding.total is not None:
        count = f", {finding.count:,} of {finding.total:,}"
    elif finding.status is Status.OBSERVED and finding.count > 1:
        count = f", {finding.count:,} times"
    name = f" on {printable(on)}" if on is not None else ""
    return f"{rules.title(finding)}{name} ({finding.status}{count})"


def headline(finding: Finding) -> str:
    """The title, and where it is."""
    sites = ", ".join(dict.fromkeys(site.place for site in finding.sites))
    return f"{title(finding)}{' at ' if sites else ''}{printable(sites)}"


def notes(verdict: Verdict) -> list[str]:
    """What is worth knowing of the run, a line each."""
    return [
        printable(f"note: {one.text}" + (f" ({one.advice})" if one.advice else ""))
        for one in verdict.notes
    ]


def reasons(verdict: Verdict) -> str:
    """Why the run is not clean even without findings, each with what to do about it, in lines;
    empty if there is no reason."""
    return "\n".join(
        f"not clean: {printable(one.text)}\n           {printable(one.advice)}"
        for one in verdict.reasons
    )


def last_word(trace: Trace, verdict: Verdict) -> str:
    """The verdict on one trace, in one line."""
    seen = f"{plural(len(trace.events), 'event')} of {plural(len(own_threads(trace)), 'thread')}"
    if verdict.word == "findings":
        return f"verdict: {plural(len(verdict.findings), 'finding')} in {seen}"
    if verdict.word == "inconclusive":
        return f"verdict: INCONCLUSIVE, not clean: {printable(verdict.reasons[0].text)}"
    if verdict.scope:
        return f"verdict: clean: {printable(verdict.scope)} (nothing found in {seen})"
    return f"verdict: clean: nothing found in {seen}"


def _finding(trace: Trace, number: int, finding: Finding) -> list[str]:
    lines = [f"{number}. {title(finding)}", f"   {finding.status}: {STATUS[finding.status]}"]
    lines += ["", *_paragraph(finding.explanation)]
    if finding.sites:
        lines += ["", *_quoted(finding.sites)]
    happened = _events(trace, finding)
    if happened:
        order = "in this order" if finding.status is Status.OBSERVED else "in this run"
        lines += ["", f"   What happened, {order}:", *happened]
    if also := _also(trace, finding):
        lines += ["", *_paragraph(f"On the same variable, too: {also}.")]
    if finding.advice:
        lines += ["", *_paragraph(f"How to fix it: {finding.advice}")]
    return lines


def _also(trace: Trace, finding: Finding) -> str:
    """What else goes wrong with the variable: the kinds, each with all its lines. That the write
    after a check is also one after a read says nothing new."""
    told = {trace.events.at(seq).site for seq in finding.events}
    checks = finding.kind is Kind.ATOMICITY_VIOLATION
    places: dict[str, dict[str, None]] = {}
    for one in finding.also:
        if checks and one.kind is Kind.LOST_UPDATE and told.issuperset(one.sites):
            continue
        what = f"{rules.title(one).lower()} ({one.status})"
        places.setdefault(what, {}).update(dict.fromkeys(site.place for site in one.sites))
    return "; ".join(f"{what} at {', '.join(lines)}" for what, lines in places.items())


def _paragraph(text: str) -> list[str]:
    lines: list[str] = []
    for part in text.splitlines():
        lines += wrap(printable(part), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f"   {line}" for line in lines]


def _quoted(sites: Sequence[Site]) -> list[str]:
    """`file:line  source line` of each site once, in line with each other."""
    unique = {(one.file, one.line): one for one in sites}
    places = [(one.place, name(_source(one)), one.function) for one in unique.values()]
    width = max(len(place) for place, _, _ in places)
    return [
        f"   {place:<{width}}  {text}" + (f"    in {function}" if function else "")
        for place, text, function in places
    ]


def _source(site: Site) -> str:
    """The line as the file has it now; what was recorded if the file has changed or gone.

    A site's `text` is only the expression: the line says more, but only while it still has it.
    """
    line = sources.line(site).strip()
    first = site.text.splitlines()[0].strip() if site.text else ""
    return line if line and first in line else first


def _events(trace: Trace, finding: Finding) -> list[str]:
    found: list[tuple[Event, str]] = []
    for index, seq in enumerate(finding.events[:_MOST_EVENTS]):
        try:
            event = trace.events.at(seq)
        except KeyError:  # a witness may speak of an event that a cut-off trace has lost
            continue
        held = finding.locks[index] if index < len(finding.locks) else None
        found.append((event, _held(held)))
    if not found:
        return []
    width = max(len(thread_name(event.thread)) for event, _ in found)
    lines: list[str] = []
    for event, locks in found:
        words = f"{thread_name(event.thread):<{width}}  {phrase(event)}{locks}"
        lines.append(f"   {event.seq:>8}  {words}")
        if calls := stack_text(event):
            lines.append(f"{'':{width + 15}}{calls}")
    if len(finding.events) > _MOST_EVENTS:
        lines.append(f"          … and {len(finding.events) - _MOST_EVENTS:,} more")
    return lines


def _held(locks: Sequence[object] | None) -> str:
    if locks is None:
        return ""
    names = ", ".join(printable(str(getattr(lock, "name", lock))) for lock in locks)
    return f"  [holding {names}]" if names else "  [no lock held]"
