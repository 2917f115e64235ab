"""What ran and is not in the events: code that was not rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import printing
from ..events import GapKind, Note, Reason, Thread
from ..log import Log


def own_code(trace: Log) -> Iterator[Reason]:
    """The program's own code that threads ran unrecorded: what it shares has not been looked at."""
    ran = _by_subject(trace, GapKind.OWN_CODE)
    for threads, files in _by_threads(ran):
        names = ", ".join(printing.name(trace.place(file)) for file in files)
        advice = "Put it into a module with its source, and import that while it is recorded."
        yield Reason("not-recorded", f"{threads} ran {names}, not recorded", advice)


def running_code(trace: Log) -> Iterator[Reason]:
    """What the code that began the recording did itself: it ran already, and was not changed."""
    for gap in trace.gaps:
        if gap.kind == GapKind.RUNNING:
            file, _, lines = gap.subject.rpartition(":")
            first, _, last = lines.partition("-")
            which = f"line {first}" if first == last else f"lines {first} to {last}"
            where = printing.name(trace.place(file))
            text = f"what {printing.name(which)} of {where} did was not recorded: it ran already"
            yield Reason("not-recorded", text, "Put it into a function, and call that instead.")


def older_threads(trace: Log) -> Iterator[Reason]:
    """Threads that were there when the recording began, and worked while it went on."""
    names = [gap.subject for gap in trace.gaps if gap.kind == GapKind.OLDER]
    if not names:
        return
    were, it = ("was", "it") if len(names) == 1 else ("were", "they")
    text = f"{_folded(names)} {were} started before the recording: what {it} did is not recorded"
    them = "it" if len(names) == 1 else "them"
    advice = f"Start {them} while the program is recorded, or begin to record before."
    yield Reason("not-recorded", text, advice)


def missing_includes(trace: Log) -> Iterator[Reason]:
    """What was to be recorded, too, and is nowhere: a name that is misspelt, most of the time."""
    found = {gap.subject for gap in trace.gaps if gap.kind == GapKind.INCLUDED}
    for name in sorted({gap.subject for gap in trace.gaps if gap.kind == GapKind.INCLUDE} - found):
        text = f"there is no module {printing.name(name)} to --include"
        yield Reason("include", text, "Name a package or module as the program imports it.")


def subinterpreters(trace: Log) -> Iterator[Reason]:
    """Interpreters that threads made: what runs in them is not seen."""
    made = _by_subject(trace, GapKind.SUBINTERPRETER)
    for threads in dict.fromkeys(names_of(ran) for ran in made.values()):
        text = f"{threads} made subinterpreters: what runs in them is not recorded"
        yield Reason(
            "subinterpreters", text, "Run it in a thread or a process to have it recorded."
        )


def started_programs(trace: Log) -> Iterator[Reason]:
    """Python programs that the program started, and whose code is its own."""
    for threads, subjects in _by_threads(_by_subject(trace, GapKind.PROGRAM)):
        names = ", ".join(f"python {printing.name(subject)}" for subject in subjects)
        they = "it" if len(subjects) == 1 else "they"
        text = f"{threads} started {names}: what {they} did is not recorded"
        advice = f"Record {'it' if they == 'it' else 'them'}, too: trace run --follow-subprocess."
        yield Reason("not-recorded", text, advice)


def processes(trace: Log) -> Iterator[Reason]:
    """Processes that a package starts in a way of its own, to run what the program gives them."""
    for subject in sorted({gap.subject for gap in trace.gaps if gap.kind == GapKind.PROCESS}):
        text = f"processes ({printing.name(subject)}) were started that are not recorded"
        advice = "Have it use threads, or processes of multiprocessing, while it is recorded."
        yield Reason("not-recorded", text, advice)


def packages(trace: Log) -> tuple[str, ...]:
    """The installed packages that threads ran, and that were not recorded."""
    return tuple(sorted(map(printing.name, _by_subject(trace, GapKind.PACKAGE))))


def package_notes(trace: Log) -> Iterator[Note]:
    """Which threads ran them, and how they are recorded."""
    for threads, subjects in _by_threads(_by_subject(trace, GapKind.PACKAGE)):
        names = [printing.name(subject) for subject in subjects]
        options = " ".join(f"--include {name}" for name in names)
        yield Note("not-recorded", f"{threads} ran {', '.join(names)}, not recorded", options)


def _by_subject(trace: Log, kind: GapKind) -> dict[str, list[Thread]]:
    ran: dict[str, list[Thread]] = {}
    for gap in trace.gaps:
        if gap.kind == kind and gap.thread is not None:
            ran.setdefault(gap.subject, []).append(gap.thread)
    return ran


def _by_threads(ran: dict[str, list[Thread]]) -> Iterator[tuple[str, list[str]]]:
    """What the same threads ran, with their names."""
    together: dict[str, list[str]] = {}
    for subject in sorted(ran):
        together.setdefault(names_of(ran[subject]), []).append(subject)
    yield from together.items()


def names_of(threads: Sequence[Thread]) -> str:
    """The threads by name, the first and the last of many."""
    return _folded([thread.name for thread in sorted(threads, key=lambda thread: thread.id)])


def _folded(names: Sequence[str]) -> str:
    if len(names) <= 2:
        return " and ".join(names)
    return f"{names[0]} … {names[-1]} ({len(names)} threads)"
