"""`[tool.racetrace]` in pyproject.toml."""

from __future__ import annotations

import pytest
from commandline import run

SETTINGS = "[tool.racetrace]\ninclude = {}\n"


@pytest.fixture
def program(tmp_path, monkeypatch):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "helper.py").write_text(
        "import threading\nn = 0\ndef f():\n    global n\n    n += 1\n"
    )
    folder = tmp_path / "project" / "below"
    folder.mkdir(parents=True)
    (folder / "main.py").write_text(
        "import helper, threading\n"
        "threads = [threading.Thread(target=helper.f) for _ in range(2)]\n"
        "for t in threads: t.start()\n"
        "for t in threads: t.join()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(outside))
    return folder


def test_included_packages_are_recorded(program):
    assert not run(program, "main.py").trace.findings()
    (program.parent / "pyproject.toml").write_text(SETTINGS.format('["helper"]'))
    recorded = run(program, "main.py")
    assert [one.kind for one in recorded.trace.findings()] == ["lost-update"]
    assert recorded.trace.header["include"] == ["helper"]
    (program.parent / "pyproject.toml").write_text(
        '[project]\nname = "x"\ndependencies = ["racetrace"]\n'
    )
    assert not run(program, "main.py").trace.findings()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (SETTINGS.format('"helper"'), "tool.racetrace.include must be a list of names"),
        (SETTINGS.format("[1]"), "tool.racetrace.include must be a list of names"),
        ("[tool.racetrace]\ninlcude = []\n", "tool.racetrace has no setting 'inlcude'"),
        ("[tool]\nracetrace = 1\n", "tool.racetrace must be a table"),
        ("[tool.racetrace]\ninclude = [\n", "pyproject.toml: "),
    ],
)
def test_what_cannot_be_understood_is_one_line(program, content, error):
    file = program / "pyproject.toml"
    file.write_text(content)
    recorded = run(program, "main.py")
    assert recorded.status == 2
    assert recorded.stderr.startswith(f"trace: error: {file}: ")
    assert error in recorded.stderr
    assert recorded.stderr.count("\n") == 1
