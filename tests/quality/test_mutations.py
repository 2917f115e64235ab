"""Damaged and hostile traces do no harm: some that are made up at random, and some by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgpack
import mutations
import pytest

sys.path.insert(0, str(mutations.SAMPLES))
from blocks import END, HEADER, KINDS, ROWS, block, events, tables
from spools import Spool, record

pytestmark = pytest.mark.one_version

MEMORY = 256 << 20
SECONDS = 10


def test_changed_files_end_every_command_as_documented() -> None:
    tally = mutations.try_out(12, seed=5)
    assert tally.faults == []
    assert {status for _, status in tally.statuses} >= {0, 2, 3}


def rows(kind: str, row: object, count: int) -> bytes:
    """Tables of which one has the same row again and again, in blocks that are large enough."""
    packed = msgpack.packb(row)
    each = max(1, min(count, (60 << 20) // len(packed)))
    many = block(kind, msgpack.Packer().pack_array_header(each) + packed * each, each)
    parts = [
        many * (count // each)
        if one == kind
        else block(one, ROWS.get(one, []), len(ROWS.get(one, [])))
        for one in KINDS
    ]
    return HEADER + b"".join(parts) + events() + END


def many_events(blocks: int) -> bytes:
    n = 1 << 18
    one = {"thread": [1] * n, "op": [20] * n}
    found = (block("events", one, n, first=1 + i * n) for i in range(blocks))
    end = block("end", {"events": n * blocks}, n * blocks)
    return HEADER + tables() + b"".join(found) + end


def nested(depth: int) -> bytes:
    """Objects that lie in each other, under a long key."""
    objects = [[1, 0, 1, i, 0] for i in range(depth)]
    places = [[3, i + 1, 0, 0, [6, 2], (i + 2) % (depth + 1)] for i in range(depth)]
    strings = ["dict", "k" * 5000]
    return HEADER + tables(strings=strings, objects=objects, locations=places) + events() + END


def long_values() -> bytes:
    n = 1 << 18
    columns = {"thread": [1] * n, "op": [2] * n, "target": [1] * n, "tag": [6] * n}
    values = {**columns, "value": [1] * n}
    places = [[1, 0, 0, 0, [0]]]
    return (
        HEADER
        + tables(strings=["x" * (8 << 20)], locations=places)
        + block("events", values, n, first=1)
        + block("end", {"events": n}, n)
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "a million threads": lambda: rows("threads", ["m", "m", 1, 0, False], 1 << 20),
    "a hundred thousand threads": lambda: rows("threads", ["m", "m", 1, 0, False], 60_000),
    "fifteen million notes": lambda: rows("notes", "", 15 << 20),
    "60 MB of a note": lambda: rows("notes", "界" * (20 << 20), 1),
    "60 MB of a name": lambda: rows("threads", ["m", "n" * (60 << 20), 1, 0, False], 1),
    "12 MB of a name": lambda: rows("threads", ["m", "\x9b" * (6 << 20), 1, 0, False], 1),
    "a header of 60 MB": lambda: block("header", {"argv": [""] * (60 << 20)}, 1) + tables() + END,
    "objects of one name": lambda: rows("objects", [0, 0, 1, 1, 0], 60_000),
    "sites that list others": lambda: rows(
        "sites", [0, 1, 1, 1, 1, 0, 0, False, [1] * 5000, []], 3000
    ),
    "32 million events": lambda: many_events(128),
    "names in names": lambda: nested(6_000),
    "long values": long_values,
}
QUICK = [("show",), ("check",), ("show", "--format", "dot"), ("replay",), ("diff", "t.msgpack")]


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_that_stands_for_much(tmp_path: Path, name: str) -> None:
    data = BOMBS[name]()
    assert len(data) < 100_000
    (tmp_path / "t.msgpack").write_bytes(data)
    for words in QUICK:
        ended = mutations.run(tmp_path, (*words, "t.msgpack"))
        assert ended.fault is None, ended.stderr
        assert ended.seconds < SECONDS, words
        assert ended.memory < MEMORY, words


def many_keys(count: int) -> bytes:
    """Two threads that put many keys into one dict, each its own."""
    objects = [[1, 0, 1, 1, 0]]
    places = [[3, 1, 0, 0, [4, i]] for i in range(count)]
    threads = [["main", "main", 1, 0, False], ["main.1", "other", 1, 1, False]]
    parts = tables(strings=["dict"], threads=threads, objects=objects, locations=places)
    columns = {"thread": [1 + i % 2 for i in range(count)], "op": [2] * count}
    columns |= {"flags": [1] * count, "target": list(range(1, count + 1))}
    end = block("end", {"events": count}, count)
    return HEADER + parts + block("events", columns, count, first=1) + end


@pytest.mark.parametrize("words", [*QUICK, ("show", "--format", "json")])
def test_the_memory_for_many_keys(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "t.msgpack").write_bytes(many_keys(200_000))
    ended = mutations.run(tmp_path, (*words, "t.msgpack"))
    assert ended.fault is None, ended.stderr
    assert ended.status != 3 or words[0] == "check", ended.stderr
    assert ended.memory < MEMORY


def many_lists(count: int) -> bytes:
    """Two threads that each append to many lists of their own."""
    threads = [["main", "main", 1, 0, False], ["main.1", "other", 1, 1, False]]
    objects = [[1, 0, 1 + i % 2, i, 0] for i in range(count)]
    places = [[4, i + 1, 0, 0, [0]] for i in range(count)]
    parts = tables(strings=["list"], threads=threads, objects=objects, locations=places)
    columns = {"thread": [1 + i % 2 for i in range(count)], "op": [4] * count}
    columns |= {"flags": [1] * count, "target": list(range(1, count + 1))}
    columns |= {"tag": [4] * count, "value": list(range(count))}
    end = block("end", {"events": count}, count)
    return HEADER + parts + block("events", columns, count, first=1) + end


@pytest.mark.parametrize("words", [("check",), ("diff", "t.msgpack"), ("show",)])
def test_the_memory_for_many_lists(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "t.msgpack").write_bytes(many_lists(250_000))
    ended = mutations.run(tmp_path, (*words, "t.msgpack"))
    assert ended.fault is None, ended.stderr
    assert ended.status != 3, ended.stderr
    assert ended.memory < MEMORY


def test_the_memory_for_many_keys_of_a_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "s.msgpack.spool")
    strings = [(1, 1, "dict")]
    keys = [(4, i, 3, 1, 0, 0, f"key {i}", None) for i in range(1, 800_000)]
    spool.define(1, [(6, "main", 1, "", "MainProcess"), *strings, (3, 1, 1, 0, 1, 1, 0), *keys])
    spool.thread(1, 1, *(record(i, 2, ticks=i, target=i) for i in range(1, 1000)))
    ended = mutations.run(tmp_path, ("recover", "-o", "t.msgpack", spool.path.name))
    assert ended.status == 0, ended.stderr
    assert ended.memory < MEMORY


def test_json_is_written_as_it_is_made(tmp_path: Path) -> None:
    (tmp_path / "t.msgpack").write_bytes(many_events(1))
    ended = mutations.run(tmp_path, ("show", "--format", "json", "t.msgpack"))
    assert ended.status == 0
    assert ended.memory < MEMORY
