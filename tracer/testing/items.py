"""Recorded traces as tests: each is analysed, and must hold the findings that are kept with it.

Then its program is run again, and must do what the trace says, or, if it was fixed since, must not
have these findings any more.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest._code.code import ExceptionInfo, TerminalRepr

from ..errors import TracerError
from . import expected

if TYPE_CHECKING:
    from ..trace import Trace


class _MismatchError(Exception):
    """The trace is not what is expected of it, or its program not what the trace says; the text is
    for a person, who goes on with `trace COMMAND`."""

    def __init__(self, text: str, command: str = "check") -> None:
        super().__init__(text)
        self.command = command


class TraceFile(pytest.File):
    """A trace file below the folder of `--traces`."""

    def collect(self) -> Iterator[pytest.Item]:
        yield TraceItem.from_parent(self, name=self.path.stem)


class TraceItem(pytest.Item):
    """The one test of a trace file."""

    def runtest(self) -> None:
        from .. import analysis
        from ..trace import load

        expectation = expected.load(self.path)
        if expectation is None:
            raise _MismatchError(
                "nothing says what is expected of it:"
                f" trace check --save-expected {_shown(self.path)}"
            )
        trace = load(self.path)
        if trace.truncated:
            raise _MismatchError(f"the trace is cut off: {trace.truncated}")
        verdict, possible = trace.verdict(), analysis.find(trace, handled=True)
        if difference := expectation.difference(verdict.findings, possible):
            raise _MismatchError(f"the findings are not those kept with the trace\n{difference}")
        if verdict.word == "inconclusive":
            why = verdict.reasons[0]
            raise _MismatchError(
                f"inconclusive, so that it has no findings proves nothing: {why.text}"
            )
        with tempfile.TemporaryDirectory() as folder:
            if expectation.reproduces:
                self._must_reproduce(trace, load(self._replay(trace, folder)))
            else:
                self._must_be_fixed(trace, load(self._replay(trace, folder, "--follow")))

    def _must_reproduce(self, original: Trace, again: Trace) -> None:
        from ..replaying.replay import compare
        from ..reporters import comparison

        replayed = compare(original, again)
        if not replayed.exact:
            report = comparison.text(original, again, replayed.found)
            raise _MismatchError(f"its replay diverged\n{report}", "replay")

    def _must_be_fixed(self, original: Trace, again: Trace) -> None:
        from . import fixed

        if failure := fixed.failure(original, original.verdict().findings, again):
            raise _MismatchError(failure, "replay --follow")

    def _doubt(self, trace: Trace) -> str | None:
        """Why the program is not to be run: it may be a stranger's. That of the suite's root may
        have been edited, for pytest runs what lies there anyway."""
        from ..printing import printable
        from ..replaying import trust
        from ..replaying.program import recorded

        if self.config.getoption("--trust-traces"):
            return None
        with contextlib.chdir(self.config.rootpath):  # where the program may lie
            program = recorded(trace)
            why = trust.doubt(trace, program, edited=True)
        command = printable(trust.command(program))
        return why and f"{printable(why)}; it runs {command}; --trust-traces lets it"

    def _replay(self, trace: Trace, folder: str, *options: str) -> Path:
        """Run the program again, in a process of its own as it would be by hand; its trace.

        What the program writes is for pytest to capture; the report on the replay is made here.
        """
        try:
            doubt = self._doubt(trace)
        except TracerError as error:
            doubt = str(error)
        if doubt:
            raise _MismatchError(f"it cannot be replayed: {doubt}", "replay")
        file = Path(folder) / "replayed.msgpack"
        command = [sys.executable, "-m", "racetrace", "replay", "--trust"]
        command += ["--record", str(file)]
        done = subprocess.run(
            [*command, *options, str(self.path)],
            cwd=self.config.rootpath,  # where the program may lie
            capture_output=True,
            text=True,
            errors="backslashreplace",
        )
        ours = [line for line in done.stderr.splitlines() if line.startswith("trace: error: ")]
        sys.stdout.write(done.stdout)
        sys.stderr.write(done.stderr.partition("trace: replay 1 of 1: ")[0])
        if ours:
            cause = ours[-1].removeprefix("trace: error: ")
            raise _MismatchError(f"it cannot be replayed: {cause}", "replay")
        return file

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], style: object = None
    ) -> str | TerminalRepr:
        """One paragraph for a trace that is not as expected or cannot be read."""
        error, shown = excinfo.value, _shown(self.path)
        if isinstance(error, _MismatchError | TracerError):
            command = error.command if isinstance(error, _MismatchError) else "check"
            return f"{shown}: {error}\nnext: trace {command} {shown}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"trace {self.name}"


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
