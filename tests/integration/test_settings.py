"""`[tool.racetrace]` in pyproject.toml."""

from __future__ import annotations

import pytest
from commandline import invoke, run

import tracer

pytestmark = pytest.mark.one_version

SETTINGS = "[tool.racetrace]\ninclude = {}\n"


@pytest.fixture
def program(tmp_path, monkeypatch):
    outside = tmp_path / "site-packages"  # what is elsewhere is the program's own
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


def test_included_packages_are_those_of_the_project_and_of_the_command_line(program):
    (program.parent / "pyproject.toml").write_text(SETTINGS.format('["helper"]'))
    recorded = run(program, "main.py", options=("--include", "another"))
    assert recorded.trace.header["include"] == ["helper", "another"]


EVERY = """
[tool.racetrace]
traces = "kept/here"
follow-subprocess = true
memory = false
timeout = 50
orphans = 0.5
strategy = "pct"
seed = 7
depth = 2
length = 100
"""


def kept(folder, *options):
    """What the trace in the settings' folder says of its run."""
    done = invoke(folder, "run", *options, "main.py")
    assert done.returncode == 0, done.stderr
    (file,) = (folder.parent / "kept" / "here").iterdir()
    header = tracer.load(file).header
    file.unlink()
    return header["memory"], header.get("control")


def test_options_are_as_the_project_has_set_them(program):
    (program.parent / "pyproject.toml").write_text(EVERY)
    memory, control = kept(program)
    chosen = {"strategy": "pct", "seed": 7, "depth": 2, "length": 100}
    assert (memory, chosen.items() <= control.items()) == (False, True)


def test_the_command_line_wins(program):
    (program.parent / "pyproject.toml").write_text(EVERY)
    options = ("--memory", "--seed", "8", "--strategy", "random")
    memory, control = kept(program, *options)
    assert (memory, control["strategy"], control["seed"]) == (True, "random", 8)
    assert kept(program, "--strategy", "free") == (False, None)
    recorded = run(program, "main.py", options=options)  # with -o
    assert (recorded.status, list((program.parent / "kept" / "here").iterdir())) == (0, [])


def test_a_time_limit(program):
    (program / "main.py").write_text("import time\ntime.sleep(60)\n")
    (program.parent / "pyproject.toml").write_text("[tool.racetrace]\ntimeout = 0.5\n")
    assert run(program, "main.py").status == 124


def test_patience_with_orphans(program):
    (program / "main.py").write_text(
        "import os, time\n"
        "waited_for = os.getppid(), os.getpid()\n"
        "if os.fork() == 0:\n"
        "    while os.getppid() in waited_for: time.sleep(0.01)\n"
    )
    (program.parent / "pyproject.toml").write_text("[tool.racetrace]\norphans = 0\n")
    assert run(program, "main.py").trace.notes == ("left running: main/p1",)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (SETTINGS.format('"helper"'), "tool.racetrace.include must be a list of names"),
        (SETTINGS.format("[1]"), "tool.racetrace.include must be a list of names"),
        ("[tool.racetrace]\ninlcude = []\n", "tool.racetrace.inlcude is no setting"),
        ("[tool.racetrace]\noutput = 'x'\n", "tool.racetrace.output is no setting"),
        ("[tool.racetrace]\nforce = true\n", "tool.racetrace.force is no setting"),
        ("[tool.racetrace]\nseed = '1'\n", "tool.racetrace.seed must be a whole number"),
        ("[tool.racetrace]\nseed = true\n", "tool.racetrace.seed must be a whole number"),
        ("[tool.racetrace]\nseed = -1\n", "tool.racetrace.seed is wrong: -1 is not in the range"),
        ("[tool.racetrace]\ntimeout = '5'\n", "tool.racetrace.timeout must be a number"),
        ("[tool.racetrace]\ntimeout = 0\n", "tool.racetrace.timeout is wrong: 0"),
        ("[tool.racetrace]\nmemory = 0\n", "tool.racetrace.memory must be true or false"),
        ("[tool.racetrace]\ntraces = 1\n", "tool.racetrace.traces must be a text"),
        ("[tool.racetrace]\nstrategy = 'dfs'\n", "tool.racetrace.strategy is wrong: 'dfs' is not"),
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
