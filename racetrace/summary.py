"""What pytest's terminal summary says of recorded tests and of traces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

    from tracer.testing.recorder import Result

_ATTRIBUTE = "racetrace"
"""Of a report: the test's `Result` as plain data, which pytest-xdist takes to its controller."""
_UNKEPT = "racetrace_unkept"


class Summary:
    """Collects what the reports say; in the controller of pytest-xdist those of all workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._results: list[tuple[str, dict[str, Any]]] = []
        self.unkept: list[str] = []
        """The trace files that were found and have no findings kept with them."""

    @staticmethod
    def tell(report: pytest.TestReport, result: Result) -> None:
        """Have the report say what was found in its test."""
        setattr(report, _ATTRIBUTE, result._asdict())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what the report says."""
        if (result := getattr(report, _ATTRIBUTE, None)) is not None:
            self._results.append((report.nodeid, result))

    def pytest_sessionfinish(self) -> None:
        """In a worker: what only it knows."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_UNKEPT] = self.unkept

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """In the controller: each worker has collected all, and recorded some."""
        self.unkept = self.unkept or getattr(node, "workeroutput", {}).get(_UNKEPT, [])

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        """The section, if there is anything to say."""
        lines = [*self._tests(), *self._traces()]
        if lines:
            terminalreporter.write_sep("=", "racetrace")
            for line in lines:
                terminalreporter.write_line(line)

    def _tests(self) -> list[str]:
        if not self._results:
            return []
        told = [(test, result) for test, result in self._results if result["word"] != "clean"]
        lines = [f"{test}: {line}" for test, result in told for line in result["lines"]]
        words = [result["word"] for _, result in self._results]
        counts = [
            f"{words.count(word)} {name}"
            for word, name in (
                ("findings", "with findings"),
                ("inconclusive", "inconclusive"),
                ("clean", "clean"),
            )
            if word in words
        ]
        lines.append(f"{_plural(len(words), 'test')} recorded: {', '.join(counts)}")
        if told:
            lines.append(f"next: trace check {told[0][1]['file']}")
        return lines

    def _traces(self) -> list[str]:
        if not self.unkept:
            return []
        first = Path(self.unkept[0])
        if first.is_relative_to(self._config.invocation_params.dir):
            first = first.relative_to(self._config.invocation_params.dir)
        return [
            f"{_plural(len(self.unkept), 'trace')} without kept findings not tested:"
            f" trace check --save-expected {first}{' …' if self.unkept[1:] else ''}"
        ]


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
