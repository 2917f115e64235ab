"""What a search came to, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ..events import Event
from ..printing import cut, printable
from ..reporters.phrases import line_of, phrase, plural, thread_name
from .runner import Ran
from .search import Found, Result

_MOST_SEGMENTS = 24
_MOST_LINES = 10


def failed(found: Found) -> Iterator[str]:
    """One failing schedule: how it failed, and the segments of its interleaving."""
    yield f"FAILED: {printable(found.failure.text)}"
    switches = found.ran.switches or ()
    forced = sum(one.preempts for one in switches)
    yield (
        f"schedule {found.number:,} ({found.strategy}), reduced from"
        f" {plural(found.switches, 'switch')} to {len(switches)} in {plural(found.runs, 'run')};"
        f" preemptions: {forced}"
    )
    if not found.again:
        yield "the run that was kept did not fail so: something outside has a part in it"
    if found.control.explores_time:
        yield "it needs a sleep or a timeout that ends late: all others were slow meanwhile"
    yield ""
    yield from _segments(found.ran)
    output = found.ran.output.decode("utf-8", "replace").splitlines()
    if output:
        yield ""
        yield "what it wrote" + (", the end:" if len(output) > _MOST_LINES else ":")
        yield from (f"   {cut(printable(line), 200)}" for line in output[-_MOST_LINES:])


def _segments(ran: Ran) -> Iterator[str]:
    """Who ran in which order, a line for each stretch of one thread."""
    forced = {one.event for one in ran.switches or () if one.preempts}
    stretches = [list(group) for _, group in groupby(ran.trace.events, lambda e: e.thread.id)]
    hidden = max(0, len(stretches) - _MOST_SEGMENTS)
    width = max((len(thread_name(one[0].thread)) for one in stretches), default=0)
    if hidden:
        yield f"   … {plural(hidden, 'stretch')} before"
    stretches = stretches[hidden:]
    for stretch in stretches:
        ends = stretch[-1].seq + 1 in forced
        yield f"   {thread_name(stretch[0].thread):<{width}}  {_stretch(stretch)}" + (
            "   ⟵ preempted" if ends else ""
        )


def _stretch(stretch: list[Event]) -> str:
    first, last = stretch[0], stretch[-1]
    if len(stretch) == 1:
        return f"{phrase(first)}{_at(first)}"
    between = f" … ({len(stretch) - 2:,} more) …" if len(stretch) > 2 else ","
    return f"{phrase(first)}{_at(first)}{between} {phrase(last)}{_at(last)}"


def _at(event: Event) -> str:
    line = line_of(event)
    return f" at {line}" if line else ""


def verdict(result: Result) -> str:
    """The last word, in one line."""
    seen = f"{plural(result.schedules, 'schedule')}, {result.classes:,} of them different"
    if result.found:
        return f"verdict: failed: {plural(len(result.found), 'way')} to fail in {seen}"
    if result.reasons:
        return f"verdict: INCONCLUSIVE: nothing failed in {seen}, but {'; '.join(result.reasons)}"
    return f"verdict: passed: nothing failed in {seen} (not all that there are)"
