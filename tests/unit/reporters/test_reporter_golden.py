"""What the reporters make of hand-made traces, held against the files in tests/golden.

After a change that is meant, `UPDATE_GOLDEN=1 pytest tests/unit/reporters` writes them anew; read
the difference before it is committed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import handmade
import pytest

from tracer.reporters import dot, graph, svg, table, text
from tracer.reporters import json as json_reporter
from tracer.trace import Trace

GOLDEN = Path(__file__).parents[2] / "golden"
TRACES: dict[str, Callable[[], Trace]] = {
    "lost_update": handmade.lost_update,
    "lost_update_100": lambda: handmade.lost_update(100),
    "door": handmade.door,
    "naps": handmade.naps,
}


def _table(trace: Trace) -> str:
    return "\n".join(table.table(trace, width=140)) + "\n"


def _check(trace: Trace) -> str:
    verdict = trace.verdict()
    return text.findings(trace, verdict.findings) + "\n" + text.last_word(trace, verdict) + "\n"


def _show_json(trace: Trace) -> str:
    return "".join(json_reporter.show(trace, trace.events)) + "\n"


def _check_json(trace: Trace) -> str:
    return json.dumps(json_reporter.check(trace, trace.verdict()), indent=1) + "\n"


def _dot(trace: Trace) -> str:
    return dot.source(graph.of_trace(trace))


def _svg(trace: Trace) -> str:
    return svg.render(graph.of_trace(trace)).decode()


REPORTS: dict[str, Callable[[Trace], str]] = {
    "table.txt": _table,
    "check.txt": _check,
    "dot": _dot,
    "svg": _svg,
    "show.json": _show_json,
    "check.json": _check_json,
}
LARGE = {  # nothing that the small lack
    ("lost_update_100", "show.json"),
    ("lost_update_100", "svg"),
    ("naps", "show.json"),
}


@pytest.mark.parametrize(
    ("name", "report"),
    [(n, r) for n in TRACES for r in REPORTS if (n, r) not in LARGE],
)
def test_report_is_as_agreed(name: str, report: str) -> None:
    made = REPORTS[report](TRACES[name]())
    file = GOLDEN / f"{name}.{report}"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(made, encoding="utf-8")
    assert made == file.read_text(encoding="utf-8")
