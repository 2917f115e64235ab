"""What a program calls things cannot steer a terminal, forge a line or cost much."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from commandline import TRACE

pytestmark = pytest.mark.one_version

# An escape sequence, a C1 control, a forged line, a bidi override, a lone surrogate, HTML, DOT.
EVIL = 'x\x1b[31m\x9b2J\nverdict: clean\r\u202e\u2028\ud800\x00</title><b>"\\l}'
LONG = "界" * 100_000
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What must not come out anywhere; line ends only where a report ends a line."""


@pytest.fixture(params=[EVIL, LONG], ids=["evil", "long"])
def file(request, tmp_path: Path) -> Path:
    return recorded(tmp_path, request.param)


PROGRAM = """
import sys, threading
name = open("name", encoding="utf-8", errors="surrogatepass").read()
d = {name: 0, "plain": 0}
gate = threading.Barrier(2)
def work():
    gate.wait()
    seen = d[name]
    gate.wait()
    d[name] = seen + 1
called = name.replace("\\0", "").replace("\\ud800", "")  # of what Python allows
Error = type(called, (Exception,), {})
def dies():
    raise Error(name)
work.__code__ = work.__code__.replace(co_name=called, co_qualname=called)
threads = [threading.Thread(target=work, name=name + str(i)) for i in range(2)]
threads.append(threading.Thread(target=dies, name=name))
threading.excepthook = sys.excepthook = lambda *args: None
for t in threads: t.start()
for t in threads: t.join()
print(name.encode("utf-8", "replace"))
"""


def run(folder: Path, *words: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*TRACE, *map(str, words)],
        cwd=folder,
        capture_output=True,
        timeout=60,
    )


def recorded(folder: Path, name: str) -> Path:
    (folder / "name").write_bytes(name.encode("utf-8", "surrogatepass"))
    (folder / "p.py").write_text(PROGRAM)
    done = run(folder, "run", "--force", "-o", "t.msgpack", "p.py")
    assert done.returncode == 0, done.stderr
    said = b"".join(x for x in done.stderr.splitlines(True) if x.startswith(b"trace: "))
    assert b"Lost update on d[" in said
    assert_harmless(said)
    return folder / "t.msgpack"


def assert_harmless(output: bytes) -> None:
    shown = output.decode()  # UTF-8 throughout
    assert not CONTROL.search(shown), CONTROL.search(shown)
    assert "\nverdict: clean" not in shown
    assert max(map(len, shown.split("\n"))) < 5000


COMMANDS = [
    ["show"],
    ["show", "--full"],
    ["show", "--thread", "main.1"],
    ["show", "--thread", "none"],
    ["show", "--object", "none"],
    ["show", "--around", "20"],
    ["show", "--format", "dot"],
    ["show", "--graph", "t.dot"],
    ["check"],
    ["diff", "t.msgpack"],
]


def test_no_report_lets_a_name_through(file: Path):
    for words in COMMANDS:
        done = run(file.parent, *words, "t.msgpack")
        assert done.returncode in (0, 1, 2), done.stderr
        assert b"Traceback" not in done.stderr
        assert_harmless(done.stdout)
        assert_harmless(done.stderr)
    assert_harmless((file.parent / "t.dot").read_bytes())


def test_json_has_it_escaped(file: Path):
    for words in (["show"], ["check"], ["diff", "t.msgpack"]):
        done = run(file.parent, *words, "--format", "json", "t.msgpack")
        shown = done.stdout.decode()
        assert not CONTROL.search(shown)
        json.loads(shown)


def test_what_is_shown_can_be_typed(tmp_path: Path):
    file = recorded(tmp_path, "a\x1b[31m")
    done = run(tmp_path, "show", "--thread", "a\\x1b[31m0", file)
    assert done.returncode == 0, done.stderr
