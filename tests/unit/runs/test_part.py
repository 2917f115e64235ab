"""Which process is told what part of it a replay is of."""

from __future__ import annotations

import os
import subprocess
import sys

from tracer.runs.part import VARIABLE, Part

PART = Part(2, "t.msgpack", "t.msgpack.spool", "elsewhere", "replay:0", ("module",), 5)
TELLS = "from tracer.runs.part import current; import os; print(current(), dict(os.environ))"


def told(code: str) -> str:
    environment = {**os.environ, **PART.environment()}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_a_child_is_told_when_it_asks_and_does_not_find_the_variable() -> None:
    output = told(TELLS)
    assert output.startswith(str(PART))
    assert VARIABLE not in output


def test_nothing_is_read_when_the_module_is_imported() -> None:
    code = f"import os; from tracer.runs import part; print({VARIABLE!r} in os.environ)"
    assert told(code) == "True\n"


def test_a_program_that_the_child_starts_is_not_told() -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {TELLS!r}])"
    assert told(code).startswith("None ")
