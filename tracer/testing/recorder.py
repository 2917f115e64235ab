"""Recording a test, or a part of one."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from ..errors import TracerError, UsageError
from ..recording.inprocess import record

if TYPE_CHECKING:
    from ..trace import Trace


class Result(NamedTuple):
    """What a recorded test has shown: its verdict's word, a line for each finding or for the
    reason why there is no verdict, and the trace file. Plain data."""

    word: str
    lines: list[str]
    file: str


class TraceRecorder:
    """Records what the test does in `with trace_recorder:`, once or several times.

        def test_counter(trace_recorder):
            with trace_recorder:
                run_threads()
            assert_no_findings(trace_recorder.trace)

    The trace file is kept if the test fails.
    """

    def __init__(self, file: Path, origin: Mapping[str, object]) -> None:
        self.file = file
        """Where the trace of the last block goes."""
        self._origin = origin
        self._blocks = 0
        self._trace: Trace | None = None
        self._block: record | None = None

    @property
    def recorded(self) -> bool:
        """Whether a block has been recorded to its end."""
        return self._block is None and self.file.exists()

    @property
    def trace(self) -> Trace:
        """The run of the last block. Raises UsageError before the end of the first."""
        if not self.recorded:
            raise UsageError("no trace yet: the `with trace_recorder:` block has not ended")
        if self._trace is None:
            from ..trace import load

            self._trace = load(self.file)
        return self._trace

    def problem(self) -> str | None:
        """Why the run is not clean, as a person reads it; None if it is."""
        from .assertions import assert_no_findings

        try:
            assert_no_findings(self.trace)
        except AssertionError as error:
            return str(error)
        return None

    def result(self) -> Result:
        """What is to be said of the run."""
        from ..reporters import text

        try:
            verdict = self.trace.verdict()
        except TracerError as error:
            return Result("inconclusive", [str(error)], _short(self.file))
        lines = [text.headline(one) for one in verdict.findings]
        if verdict.word == "inconclusive":
            lines = [text.last_word(self.trace, verdict)]
        return Result(verdict.word, lines, _short(self.file))

    def __enter__(self) -> TraceRecorder:
        self._trace = None
        self._blocks += 1
        block = _RecordedTest(self.file, {**self._origin, "recording": self._blocks})
        block.__enter__()
        assert block.file is not None
        self.file, self._block = block.file, block
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        block, self._block = self._block, None
        assert block is not None
        block.__exit__(kind, error, traceback)


class _RecordedTest(record):
    """The recording of a block; `origin` is what the header says of the test."""

    def __init__(self, file: Path, origin: Mapping[str, object]) -> None:
        super().__init__(file, force=True)
        self._test = origin

    def _origin(self, number: int) -> dict[str, object]:
        return {**super()._origin(number), **self._test}


def keep(recorder: TraceRecorder, folder: Path, failure: str) -> str:
    """Copy the trace of a failed test into `folder`; what there is to say of it, for a person. What
    the test's `failure` says already is not said again."""
    from ..reporters import text
    from ..trace import load

    try:
        folder.mkdir(exist_ok=True)
        recorder.file = file = Path(shutil.copy(recorder.file, folder))
        trace = load(file)
        verdict = trace.verdict()
    except (OSError, TracerError) as error:
        return f"the trace could not be kept: {error}"
    report = text.findings(trace, verdict.findings)
    lines = [report + "\n"] if report not in failure else []
    if verdict.reasons:
        lines.append(text.reasons(verdict) + "\n")
    lines.append(text.last_word(trace, verdict))
    shown = _short(file)
    return "\n".join(
        [
            *lines,
            f"trace kept: {shown}",
            f"to reproduce it: trace replay {shown}",
            f"next: trace show {shown} --graph",
        ]
    )


def _short(file: Path) -> str:
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
