"""A replay that writes something else than the recorded run has diverged, whatever writes it."""

from __future__ import annotations

import pytest
from commandline import invoke, run

from tracer.events import Op

# What is written depends on a file, which nothing is recorded of.
WAYS = {
    "print": "print(said)",
    "far behind in a print": "print('x' * 300, said)",
    "in pieces": "print(*range(500), said, sep='')",
    "write": "sys.stdout.write('x' * 5000 + said)",
    "stderr": "print('x' * 300, said, file=sys.stderr)",
    "the end of a line": "sys.stdout.write('line' + '\\n' * len(said))",
    "an empty line": "[print() for _ in said]",
    "which stream": "print('here', file=sys.stdout if said == 'a' else sys.stderr)",
    "the buffer": "sys.stdout.buffer.write(b'x' * 300 + said.encode())",
    "the buffer's lines": "sys.stdout.buffer.writelines([b'x', said.encode()])",
    "the raw file": "sys.stdout.buffer.raw.write(said.encode())",
    "a descriptor": "os.write(1, b'x' * 300 + said.encode())",
    "several parts": "os.writev(2, [b'x', said.encode()])",
    "an opened descriptor": "open(1, 'w', closefd=False).write(said)",
    "another wrapper": "sys.stdout = io.TextIOWrapper(sys.stdout.detach()); sys.stdout.write(said)",
}
PROGRAM = """
import io, os, sys
said = open("said").read()
{}
"""


@pytest.fixture
def replayed(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)

    def replay(way, *texts):
        """The recorded run, and the replays of it, with each text in the file."""
        (tmp_path / "p.py").write_text(PROGRAM.format(way))
        (tmp_path / "said").write_text("a")
        recorded = run(tmp_path, "p.py")
        assert recorded.status == 0
        done = []
        for text in texts:
            (tmp_path / "said").write_text(text)
            done.append(invoke(tmp_path, "replay", recorded.file))
        return recorded, done

    return replay


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_what_is_written_is_compared_whole(replayed, way):
    recorded, (same, other) = replayed(way, "a", "bb")
    assert (same.returncode, same.stdout) == (0, recorded.stdout)
    assert other.returncode == 1
    assert "diverged" in other.stderr


def test_a_long_text_is_kept_up_to_its_beginning_and_known_by_the_rest(replayed):
    recorded, _ = replayed("print('x' * 300)\nsys.stdout.buffer.write(b'y' * 300)")
    text, data = (event.value for event in recorded.trace.events.filter(op=Op.OUTPUT))
    assert text.startswith("x" * 200 + "… (301 characters, ")
    assert data.startswith(b"y" * 200 + "… (300 bytes, ".encode())


@pytest.mark.parametrize("count", [199, 200, 201])
def test_up_to_200_characters_are_kept_whole(replayed, count):
    recorded, _ = replayed(f"print('é' * {count})\nos.write(1, b'x' * {count})")
    text, data = (event.value for event in recorded.trace.events.filter(op=Op.OUTPUT))
    assert (text == "é" * count, data == b"x" * count) == (count <= 200, count <= 200)


def test_what_a_stream_gives_to_its_buffer_is_no_event_again(replayed):
    recorded, _ = replayed("print('a', flush=True)\nsys.stdout.flush()\nsys.stdout.buffer.flush()")
    assert [event.value for event in recorded.trace.events.filter(op=(Op.OUTPUT, Op.STEP))] == ["a"]


def test_pieces_of_a_line_come_between_the_same_pieces_of_others(tmp_path):
    """What puts them in this order is there in the recording only."""
    (tmp_path / "ordered").touch()
    (tmp_path / "p.py").write_text("""
import os, sys, threading
there, back = os.eventfd(0), os.eventfd(0)
ordered = os.path.exists("ordered")
def between():
    if ordered:
        os.eventfd_read(there)
    sys.stderr.write("b\\n")
    os.eventfd_write(back, 1)
thread = threading.Thread(target=between)
thread.start()
sys.stderr.write("a")
os.eventfd_write(there, 1)
if ordered:
    os.eventfd_read(back)
sys.stderr.write("c\\n")
thread.join()
""")
    recorded = run(tmp_path, "p.py")
    assert recorded.stderr.startswith("ab\nc\n")
    (tmp_path / "ordered").unlink()
    again = invoke(tmp_path, "replay", recorded.file)
    assert again.returncode == 0, again.stderr
    assert "ab\nc\n" in again.stderr
