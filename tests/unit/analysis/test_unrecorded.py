"""What is said of code that threads ran and that was not recorded."""

from __future__ import annotations

from builder import Builder

from tracer.trace import Trace


def ran(*gaps: tuple[str, str, int]) -> Trace:
    """Three workers that share a variable and are done, and what is not in the events."""
    b = Builder()
    workers = [b.start() for _ in range(3)]
    for worker in workers:
        b.read(worker, b.global_("num"))
        b.end(worker)
        b.join(worker)
    return b.trace(gaps)


def test_installed_packages_are_named_and_the_verdict_says_of_what_it_speaks() -> None:
    trace = ran(("package", "zict", 2), ("package", "urllib3", 2), ("package", "urllib3", 3))
    verdict = trace.verdict()
    assert verdict.word == "clean"
    assert verdict.scope == "your code; threads also ran urllib3, zict, not recorded"
    names = [thread.name for thread in trace.threads]
    assert [(note.text, note.advice) for note in verdict.notes] == [
        (f"{names[1]} and {names[2]} ran urllib3, not recorded", "--include urllib3"),
        (f"{names[1]} ran zict, not recorded", "--include zict"),
    ]


def test_own_code_that_was_not_recorded_is_not_clean() -> None:
    trace = ran(*(("own-code", "<cell 1>", thread) for thread in (2, 3, 4)))
    verdict = trace.verdict()
    assert verdict.word == "inconclusive"
    (reason,) = verdict.reasons
    first, last = trace.threads[1].name, trace.threads[3].name
    assert reason.kind == "not-recorded"
    assert reason.text == f"{first} … {last} (3 threads) ran <cell 1>, not recorded"
    assert verdict.scope == ""


def test_an_unknown_kind_is_passed_over() -> None:
    assert ran(("later", "x", 0)).verdict().word == "clean"
