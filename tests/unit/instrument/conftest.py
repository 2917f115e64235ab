"""Running a piece of source rewritten, with recording on, in this process."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer import _core
from tracer.instrument import importhook
from tracer.trace import Trace

Run = Callable[..., tuple[Trace, dict[str, Any]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(source)` runs it as the script prog.py; returns its trace and its globals.

    `scheduling`: with scheduling points.
    """

    def run(
        source: str, *, scheduling: bool = False, **variables: object
    ) -> tuple[Trace, dict[str, Any]]:
        spool = tmp_path / "spool"
        spool.mkdir()
        namespace: dict[str, Any] = {"__name__": "__main__", **variables}
        _core.start(str(spool), 1, "main", True)
        try:
            code = importhook.compile_main(
                textwrap.dedent(source), str(tmp_path / "prog.py"), scheduling=scheduling
            )
            exec(code, namespace)
        finally:
            _core.stop()
        (spool / "run.json").write_text(json.dumps({"argv": ["prog.py"]}))
        (spool / "end.json").write_text(json.dumps({"exit_status": {"1": 0}}))
        _core.write_trace(str(spool), str(tmp_path / "trace.msgpack"))
        return tracer.load(tmp_path / "trace.msgpack"), namespace

    return run


@pytest.fixture
def accesses(run: Run) -> Callable[..., list[tuple[str, str, object]]]:
    """`accesses(source)`: the recorded accesses as (op, location, value)."""

    def accesses(source: str) -> list[tuple[str, str, object]]:
        trace, _ = run(source)
        return [(e.op.label, e.target, e.value) for e in trace.events if e.op.is_access]

    return accesses
