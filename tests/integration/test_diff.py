"""`trace diff` as a command, on recorded runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commandline import trace

pytestmark = pytest.mark.one_version

DOCS = Path(__file__).parents[2] / "docs" / "json.md"

PROGRAM = """
import sys, threading
num = 0
first, second = threading.Event(), threading.Event()
def one():
    global num
    first.wait()
    num += 1
    second.set()
def two():
    global num
    second.wait()
    num += 2
    first.set()
(first if sys.argv[1] == "one" else second).set()
threads = [threading.Thread(target=f) for f in (one, two)]
for t in threads:
    t.start()
for t in threads:
    t.join()
sys.exit(len(sys.argv) - 2)
"""


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("diff")
    script = folder / "script.py"
    script.write_text(PROGRAM)
    for name, arguments in (("one", ["one"]), ("two", ["two"]), ("status", ["one", "x"])):
        trace("run", "-o", folder / f"{name}.msgpack", script, *arguments)
    return folder


def documented(heading: str) -> set[str]:
    part = DOCS.read_text().split(f"### {heading}\n", 1)[1].split("\n#")[0]
    cells = re.findall(r"^\| (`.*?) \|", part, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_a_trace_is_the_same_as_itself(traces):
    done = trace("diff", traces / "one.msgpack", traces / "one.msgpack")
    assert done.returncode == 0
    assert "the same interleaving" in done.stdout


def test_two_orders_of_one_program(traces):
    a, b = traces / "one.msgpack", traces / "two.msgpack"
    done = trace("diff", a, b)
    assert done.returncode == 1
    assert "then they diverge" in done.stdout
    assert "set first" in done.stdout
    assert "set second" in done.stdout
    assert f"trace show {a} --around" in done.stderr
    document = json.loads(trace("diff", "--format", "json", a, b).stdout)
    assert set(document) == documented("diff")
    assert set(document["parting"]) == documented("parting")
    assert document["common"] == document["parting"]["a"]["seq"] - 1
    assert "target" in document["parting"]["fields"]


def test_another_exit_status_is_a_difference(traces):
    done = trace("diff", traces / "one.msgpack", traces / "status.msgpack")
    assert done.returncode == 1
    assert "exit status of main: 0 in A, 1 in B" in done.stdout


def test_what_is_no_trace(traces, tmp_path):
    (tmp_path / "x.msgpack").write_text("x")
    for broken in (tmp_path / "x.msgpack", tmp_path / "none.msgpack"):
        done = trace("diff", traces / "one.msgpack", broken)
        assert done.returncode == 3
        assert done.stderr.startswith("trace: error:")
