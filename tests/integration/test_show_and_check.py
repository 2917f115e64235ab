"""`trace show` and `trace check` as commands, on one recorded run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import trace

pytestmark = pytest.mark.one_version

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("race") / "race.msgpack"
    done = trace("run", "-o", file, SCENARIOS / "lost_update.py")
    assert done.returncode == 0, done.stderr
    return file


def test_check_finds_and_explains(race):
    done = trace("check", race)
    words = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert "Lost update on tickets (observed" in words
    assert "left = tickets" in words
    assert "verdict: 1 finding" in words
    assert f"trace show {race} --graph" in done.stderr


def test_check_json(race):
    done = trace("check", "--format", "json", race)
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["verdict"] == "findings"
    assert document["findings"][0]["kind"] == "lost-update"
    assert document["findings"][0]["location"] == "lost_update.tickets"


def test_check_of_several_goes_on_after_a_broken_one(race, tmp_path):
    broken = tmp_path / "broken.msgpack"
    broken.write_bytes(b"no trace")
    done = trace("check", broken, race)
    assert done.returncode == 3
    assert "trace: error:" in done.stderr
    assert "Lost update" in done.stdout


def test_check_of_a_broken_or_missing_file(tmp_path):
    done = trace("check", tmp_path / "none.msgpack")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("trace: error:")


def test_nothing_instrumented_is_no_clean_run(tmp_path):
    file = tmp_path / "empty.msgpack"
    assert trace("run", "-o", file, "-c", "pass").returncode == 0
    done = trace("check", file)
    assert done.returncode == 3
    assert "INCONCLUSIVE" in done.stdout
    assert json.loads(trace("check", "--format", "json", file).stdout)["verdict"] == "inconclusive"


def test_show_is_plain_in_a_pipe_and_names_the_next_command(race):
    done = trace("show", race)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "read tickets → 100" in done.stdout
    assert "left out" in done.stdout
    assert done.stderr.strip() == f"next: trace check {race}"


def test_show_json_has_every_event(race):
    document = json.loads(trace("show", "--format", "json", race).stdout)
    assert len(document["events"]) == document["trace"]["event_count"] > 500
    some = json.loads(trace("show", "--format", "json", "--thread", "main", race).stdout)
    assert {event["thread"] for event in some["events"]} == {"main"}


def test_show_dot_and_svg_to_stdout(race):
    assert trace("show", "--format", "dot", race).stdout.startswith("digraph")
    if shutil.which("dot"):
        assert "<svg" in trace("show", "--format", "svg", race).stdout


def test_graph_goes_beside_the_trace_and_nothing_is_overwritten(race):
    file = race.with_suffix(".dot")
    file.unlink(missing_ok=True)
    assert trace("show", race, "--graph", file).returncode == 0
    assert "overwrites" in file.read_text()
    file.write_text("mine")
    refused = trace("show", race, "--graph", file)
    assert refused.returncode == 2
    assert file.read_text() == "mine"
    assert trace("show", race, "--graph", file, "--force").returncode == 0
    assert file.read_text().startswith("digraph")
    beside = trace("show", race, "--graph")
    assert beside.returncode == 0
    assert race.with_suffix(".svg").exists() or race.with_suffix(".dot").exists()


def test_what_is_not_there_is_a_usage_error(race):
    for option in (["--thread", "nobody"], ["--object", "nothing"], ["--around", "99999999"]):
        done = trace("show", race, *option)
        assert done.returncode == 2, option
        assert done.stderr.startswith("trace: error:")


def test_no_color_is_respected_on_a_terminal(race):
    pty = pytest.importorskip("pty")
    shown = {}
    for name, extra in (("coloured", {}), ("plain", {"NO_COLOR": "1"})):
        environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | extra
        controller, terminal = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "racetrace", "show", race, "--head", "5"],
            stdout=terminal,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        os.close(terminal)
        text = b""
        while True:
            try:
                part = os.read(controller, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not part:
                break
            text += part
        os.close(controller)
        assert process.wait() == 0
        shown[name] = text
    assert b"\x1b[" in shown["coloured"]
    assert b"\x1b[" not in shown["plain"]
