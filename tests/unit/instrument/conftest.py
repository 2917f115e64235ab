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
from tracer.instrument import description, importhook
from tracer.trace import Trace

Run = Callable[..., tuple[Trace, dict[str, Any]]]


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Trace]:
    """`recorded(action)` runs the action with recording on; returns the trace.

    Functions of other tests do not go by the same names as its own.
    """

    def recorded(action: Callable[[], object]) -> Trace:
        monkeypatch.setattr(description, "_by_name", {})
        spool = tmp_path / "spool"
        spool.mkdir()
        _core.record.start(str(spool), 1, "main", True, lone_reads=True)
        try:
            action()
        finally:
            _core.record.stop()
        (spool / "run.json").write_text(json.dumps({"argv": ["prog.py"]}))
        (spool / "end.json").write_text(json.dumps({"exit_status": {"1": 0}}))
        _core.trace.write_trace(str(spool), str(tmp_path / "trace.msgpack"))
        return tracer.load(tmp_path / "trace.msgpack")

    return recorded


@pytest.fixture
def run(tmp_path: Path, recorded: Callable[..., Trace]) -> Run:
    """`run(source)` runs it as the script prog.py; returns its trace and its globals.

    `scheduling`: with scheduling points.
    """

    def run(
        source: str, *, scheduling: bool = False, **variables: object
    ) -> tuple[Trace, dict[str, Any]]:
        namespace: dict[str, Any] = {"__name__": "__main__", **variables}

        def program() -> None:
            code = importhook.compile_main(
                textwrap.dedent(source), str(tmp_path / "prog.py"), scheduling=scheduling
            )
            exec(code, namespace)

        return recorded(program), namespace

    return run


@pytest.fixture
def rewritten(recorded: Callable[..., Trace]) -> Callable[..., Trace]:
    """`rewritten(a=source, b=source)` rewrites these modules, in this order, and runs nothing."""

    def rewritten(**sources: str) -> Trace:
        def modules() -> None:
            for name, source in sources.items():
                importhook.compile_source(textwrap.dedent(source), f"/src/{name}.py", name)

        return recorded(modules)

    return rewritten


@pytest.fixture
def accesses(run: Run) -> Callable[..., list[tuple[str, str, object]]]:
    """`accesses(source)`: the recorded accesses as (op, location, value)."""

    def accesses(source: str) -> list[tuple[str, str, object]]:
        trace, _ = run(source)
        return [(e.op.label, e.target, e.value) for e in trace.events if e.op.is_access]

    return accesses
