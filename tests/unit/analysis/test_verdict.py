"""The verdict: findings, else inconclusive if there is any reason, else clean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builder import Builder

from tracer.analysis import Verdict
from tracer.events import Finding, Note, Reason
from tracer.trace import Trace

DOCS = Path(__file__).parents[3] / "docs" / "json.md"
FINDING = Finding("deadlock", "observed", "")
REASON = Reason("no-memory", "not seen", "Look.")


@pytest.mark.parametrize(
    ("verdict", "word", "exit_code"),
    [
        (Verdict(), "clean", 0),
        (Verdict(notes=(Note("any", "text"),)), "clean", 0),
        (Verdict((FINDING,)), "findings", 1),
        (Verdict((), (REASON,)), "inconclusive", 3),
        (Verdict((FINDING,), (REASON,)), "findings", 1),
    ],
)
def test_word_and_exit_code(verdict: Verdict, word: str, exit_code: int) -> None:
    assert (verdict.word, verdict.exit_code) == (word, exit_code)


def ended() -> Trace:
    """Two threads that share a variable and are done."""
    b = Builder()
    worker = b.start()
    b.write(worker, b.global_("num"))
    b.end(worker)
    b.join(worker)
    return b.trace()


def test_a_run_that_was_seen_whole_is_clean() -> None:
    assert ended().verdict() == Verdict()


def test_what_was_recorded_without_memory_is_not_clean() -> None:
    trace = ended()
    trace.header["memory"] = False
    assert [reason.kind for reason in trace.verdict().reasons] == ["no-memory"]


def test_a_trace_with_nothing_in_it_is_not_clean() -> None:
    assert [reason.kind for reason in Builder().trace().verdict().reasons] == ["nothing-recorded"]


def test_each_kind_of_reason_is_documented() -> None:
    source = "".join(
        file.read_text()
        for file in (Path(__file__).parents[3] / "tracer" / "analysis").glob("*.py")
    )
    kinds = set(re.findall(r'Reason\(\s*"([\w-]+)"', source))
    table = DOCS.read_text().split("### Kinds of reason\n", 1)[1].split("\n#")[0]
    assert kinds <= set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE))
    assert kinds
