"""Recorded traces as tests: each is analysed, and must hold the findings that are kept with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest._code.code import ExceptionInfo, TerminalRepr

from tracer.errors import TracerError
from tracer.testing import expected


class _MismatchError(Exception):
    """The trace is not what is expected of it; the text is for a person."""


class TraceFile(pytest.File):
    """A trace file below the folder of `--traces`."""

    def collect(self) -> Iterator[pytest.Item]:
        yield TraceItem.from_parent(self, name=self.path.stem)


class TraceItem(pytest.Item):
    """The one test of a trace file."""

    def runtest(self) -> None:
        from tracer.trace import load

        expectation = expected.load(self.path)
        if expectation is None:
            raise _MismatchError(
                "nothing says what is expected of it:"
                f" trace check --save-expected {_shown(self.path)}"
            )
        trace = load(self.path)
        if trace.truncated:
            raise _MismatchError(f"the trace is cut off: {trace.truncated}")
        if difference := expectation.difference(trace.findings()):
            raise _MismatchError(f"the findings are not those kept with the trace\n{difference}")

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], style: object = None
    ) -> str | TerminalRepr:
        """One paragraph for a trace that is not as expected or cannot be read."""
        if isinstance(excinfo.value, _MismatchError | TracerError):
            return f"{_shown(self.path)}: {excinfo.value}\nnext: trace check {_shown(self.path)}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"trace {self.name}"


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
