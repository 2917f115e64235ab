"""The fields of a header have their types, or the file is refused in one line."""

from __future__ import annotations

from pathlib import Path

import msgpack
import pytest
from blocks import END, block, events, tables

import tracer
from tracer.errors import TraceFileError

WRONG = [
    ("program", 1),
    ("argv", "race.py"),
    ("argv", [1]),
    ("argv", ["\0"]),
    ("argv", ["\ud800"]),
    ("command", {}),
    ("mode", ["script"]),
    ("cwd", b"/"),
    ("cwd", "\0"),
    ("flags", {"-O": 1}),
    ("include", [None]),
    ("environment", ["A=b"]),
    ("environment", {"A": 1}),
    ("environment", {"A=b": "c"}),
    ("environment", {"": "c"}),
    ("hash_seed", "0"),
    ("hash_seed", -1),
    ("hash_seed", 2**32),
    ("supervisor", "x"),
    ("recording", True),
    ("duration", "long"),
    ("duration", -1),
    ("stopped", {"seq": 2**63}),
    ("timeout", []),
    ("memory", 0),
    ("exit_status", [0]),
    ("exit_status", {"1": "0"}),
    ("control", "replay"),
    ("control", {"seed": []}),
    ("stopped", 3),
    ("stopped", {"seq": "1"}),
    ("stopped", {"signals": 15}),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_field_of_another_type(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "t.msgpack"
    payload = msgpack.packb({name: value}, unicode_errors="surrogatepass")
    path.write_bytes(block("header", payload, 1) + tables() + events() + END)
    with pytest.raises(TraceFileError) as raised:
        tracer.load(path)
    assert str(raised.value).startswith(f"{path}: the header's {name} is not a")


def test_fields_that_are_nil_or_unknown_are_none(tmp_path: Path) -> None:
    path = tmp_path / "t.msgpack"
    header = {**{name: None for name, _ in WRONG}, "new": [1]}
    path.write_bytes(block("header", header, 1) + tables() + events() + END)
    assert len(tracer.load(path).events) == 1
