"""A damaged or hostile file opens as far as it is good, or fails with one line; nothing else."""

from __future__ import annotations

import random
import resource
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
import zstandard
from blocks import END, HEADER, block, events, tables
from samples import random_trace

import tracer
from tracer.errors import TraceFileError

Rows = list[tuple[Any, ...]]


def rows_of(path: Path) -> tuple[Rows, bool]:
    """All events of a file, and whether it was cut off. NaN would equal nothing: as text."""
    trace = tracer.load(path)
    rows = [(*row[:6], repr(row[6]), *row[7:]) for row in trace.core.events(0, len(trace.events))]
    for table in (trace.processes, trace.threads, trace.objects, trace.locations, trace.sites):
        assert all(row.id for row in table)
    return rows, trace.truncated is not None


def opens_or_fails(path: Path, whole: Rows) -> bool:
    """Whether the file opens; what it gives must be the beginning of the whole."""
    try:
        rows, truncated = rows_of(path)
    except TraceFileError as error:
        message = str(error)
    else:
        message = None
    if message is not None:
        assert message.startswith(f"{path}: ")
        assert "\n" not in message
        return False
    assert rows == whole[: len(rows)]
    assert truncated or rows == whole
    return True


def test_every_prefix_opens_to_the_last_whole_block_or_fails(tmp_path: Path) -> None:
    whole_path = random_trace(tmp_path, 40)
    data = whole_path.read_bytes()
    whole, _ = rows_of(whole_path)
    path = tmp_path / "cut.msgpack"
    opened = 0
    for length in range(len(data)):
        path.write_bytes(data[:length])
        opened += opens_or_fails(path, whole)
    # Only those in which the one block of events is whole, but the end is not.
    assert 0 < opened < 150


def test_a_cut_file_says_what_is_missing(tmp_path: Path) -> None:
    whole_path = random_trace(tmp_path, 70_000)
    data = whole_path.read_bytes()
    path = tmp_path / "cut.msgpack"
    path.write_bytes(data[: len(data) * 99 // 100])
    trace = tracer.load(path)
    assert len(trace.events) == 65_536
    assert trace.truncated is not None
    assert "events after the first 65536 are missing" in trace.truncated
    assert rows_of(path)[0] == rows_of(whole_path)[0][:65_536]


def test_every_flipped_bit_of_a_small_file_is_noticed(tmp_path: Path) -> None:
    whole_path = random_trace(tmp_path, 20)
    data = whole_path.read_bytes()
    whole, _ = rows_of(whole_path)
    path = tmp_path / "flipped.msgpack"
    for place in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            path.write_bytes(damaged)
            opens_or_fails(path, whole)


def test_thousands_of_corruptions_are_noticed(tmp_path: Path) -> None:
    whole_path = random_trace(tmp_path, 70_000)
    data = whole_path.read_bytes()
    whole, _ = rows_of(whole_path)
    path = tmp_path / "damaged.msgpack"
    rng = random.Random(7)
    opened = 0
    for _ in range(3000):
        path.write_bytes(damage(data, rng))
        opened += opens_or_fails(path, whole)
    assert opened < 300


def damage(data: bytes, rng: random.Random) -> bytes:
    """Overwrite, drop, insert or repeat some bytes, more often near the start, where the
    structure is."""
    place = int(len(data) * rng.random() ** rng.choice((1, 6)))
    length = rng.choice((1, 1, 2, 8, 100))
    noise = rng.randbytes(length)
    match rng.randrange(4):
        case 0:
            return data[:place] + noise + data[place + length :]
        case 1:
            return data[:place] + data[place + length :]
        case 2:
            return data[:place] + noise + data[place:]
    return data[: place + length] + data[place:]


def test_damage_under_a_right_checksum_never_gets_further_than_an_error(tmp_path: Path) -> None:
    blocks = list(msgpack.Unpacker(random_trace(tmp_path, 60).open("rb")))
    path = tmp_path / "damaged.msgpack"
    rng = random.Random(11)
    failed = 0
    for _ in range(3000):
        victim = rng.choice(blocks)
        payload = bytearray(zstandard.decompress(victim["data"]))
        for _ in range(rng.choice((1, 1, 3))):
            payload[rng.randrange(len(payload))] = rng.choice((rng.randrange(256), 0xDD, 0xCF))
        data = zstandard.compress(bytes(payload))
        changed = victim | {"crc32": zlib.crc32(data), "data": data}
        path.write_bytes(b"".join(msgpack.packb(changed if b is victim else b) for b in blocks))
        try:
            rows_of(path)
        except TraceFileError:
            failed += 1
    assert 1000 < failed < 3000


def test_a_file_made_by_hand_is_good(tmp_path: Path) -> None:
    path = tmp_path / "t.msgpack"
    path.write_bytes(HEADER + tables() + events() + END)
    assert len(tracer.load(path).events[:]) == 1


def test_a_file_without_gaps_is_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "t.msgpack"
    gaps = block("gaps", [["package", "shop", 1]], 1)
    path.write_bytes(HEADER + tables() + gaps + events() + END)
    assert [gap.subject for gap in tracer.load(path).gaps] == ["shop"]
    path.write_bytes(HEADER + tables() + events() + END)
    assert tracer.load(path).gaps == ()


def test_a_file_without_stacks_is_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "t.msgpack"
    gaps, stacks = block("gaps", [], 0), block("stacks", [[1, 1]], 1)
    rows = tables(sites=[[0, 8, 1, 8, 1, 0, 0, False, [], []]])
    path.write_bytes(HEADER + rows + gaps + stacks + events(stack=[1]) + END)
    (event,) = tracer.load(path).events
    assert [site.line for site in event.stack] == [8, 8]
    path.write_bytes(HEADER + rows + gaps + events() + END)
    (event,) = tracer.load(path).events
    assert event.stack == ()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"not a trace\n" * 50,
    "other msgpack": lambda: msgpack.packb({"a": 1}),
    "noise": lambda: random.Random(1).randbytes(5000),
    "newer version": lambda: HEADER.replace(b"version\x01", b"version\x02") + tables() + END,
    "huge map": lambda: b"\xdf\xff\xff\xff\xff",
    "huge bin": lambda: HEADER[: HEADER.rindex(b"data") + 4] + b"\xc6\xff\xff\xff\xff" + b"x" * 500,
    "no header": lambda: tables() + events() + END,
    "two headers": lambda: HEADER + HEADER + tables() + events() + END,
    "no tables": lambda: HEADER + events() + END,
    "tables out of order": lambda: HEADER + block("threads", [], 0) + tables() + events() + END,
    "nested header": lambda: block("header", b"\x81\xa1a" + b"\x91" * 100_000 + b"\x90", 1),
    "nested row": lambda: HEADER + block("strings", b"\x91" * 100_000 + b"\x90", 1),
    "huge array": lambda: HEADER + block("strings", b"\xdd\xff\xff\xff\xff", 2**32 - 1),
    "huge size": lambda: HEADER + block("strings", [], 0, size=1 << 62),
    "wrong size": lambda: HEADER + block("strings", [], 0, size=5),
    "zstd bomb": lambda: HEADER + bomb() + tables() + events() + END,
    "many zstd bombs": lambda: HEADER + b"".join(string_bomb() for _ in range(30)) + events(),
    "many rows": lambda: HEADER + block("strings", b"\xdd\x00\xff\xff\xff" + b"\xa0" * 0xFFFFFF, 1),
    "a stack of an unknown site": lambda: (
        HEADER + tables() + block("gaps", [], 0) + block("stacks", [[2]], 1) + events() + END
    ),
    "an unknown stack": lambda: HEADER + tables() + events(stack=[1]) + END,
    "gaps after events": lambda: (
        HEADER + tables() + events() + block("gaps", [["package", "shop", 1]], 1) + END
    ),
    "gap of a thread that is none": lambda: (
        HEADER + tables() + block("gaps", [["package", "shop", 2]], 1) + events() + END
    ),
    "thread without process": lambda: (
        HEADER + tables(threads=[["m", "m", 0, 0, False]]) + events() + END
    ),
    "thread before parent": lambda: (
        HEADER + tables(threads=[["m", "m", 1, 1, False]]) + events() + END
    ),
    "object out of range": lambda: HEADER + tables(objects=[[9, 0, 1, 1, 0]]) + events() + END,
    "site out of range": lambda: (
        HEADER + tables(sites=[[0, 1, 1, 1, 1, 0, 0, False, [2], []]]) + events() + END
    ),
    "location out of range": lambda: (
        HEADER + tables(locations=[[1, 0, 0, 7, [0]]]) + events() + END
    ),
    "location kind": lambda: HEADER + tables(locations=[[9, 0, 0, 0, [0]]]) + events() + END,
    "more after the end": lambda: HEADER + tables() + events() + END + END,
    "missing events": lambda: HEADER + tables() + END,
    "events twice": lambda: HEADER + tables() + events() + events() + END,
    "no events in a block": lambda: HEADER + tables() + events(0) + END,
    "thread of an event": lambda: HEADER + tables() + events(thread=[2]) + END,
    "no thread": lambda: HEADER + tables() + events(thread=[0]) + END,
    "op of an event": lambda: HEADER + tables() + events(op=[99]) + END,
    "target of an event": lambda: HEADER + tables() + events(target=[1]) + END,
    "site of an event": lambda: HEADER + tables() + events(site=[-1]) + END,
    "outcome of an event": lambda: HEADER + tables() + events(outcome=[7]) + END,
    "link of an event": lambda: HEADER + tables() + events(link=[1]) + END,
    "time of an event": lambda: HEADER + tables() + events(t=[-1]) + END,
    "tag of an event": lambda: HEADER + tables() + events(tag=[200]) + END,
    "string of an event": lambda: HEADER + tables() + events(tag=[6], value=[1]) + END,
    "no value": lambda: HEADER + tables() + events(tag=[4]) + END,
    "values left over": lambda: HEADER + tables() + events(tag=[4], value=[1, 2]) + END,
    "column too short": lambda: HEADER + tables() + events(n=2, op=[1]) + END,
    "column unknown": lambda: HEADER + tables() + events(color=[1]) + END,
    "seq backwards": lambda: HEADER + tables() + events(seq=[-1]) + END,
    "seq too large": lambda: HEADER + tables() + events(n=2, seq=[0, 2**63 - 1]) + END,
}


def bomb() -> bytes:
    """A few kilobytes that unpack to a gigabyte, and say that they unpack to ten bytes."""
    frame = zstandard.compress(bytes(1 << 20))
    data = frame * 1024
    head = {"kind": "strings", "n": 0, "size": 10, "crc32": zlib.crc32(data), "data": data}
    return msgpack.packb(head)


_STRING_BOMB: list[bytes] = []


def string_bomb() -> bytes:
    if not _STRING_BOMB:
        raw = b"\x91\xdb" + (60 << 20).to_bytes(4, "big") + bytes(60 << 20)
        _STRING_BOMB.append(block("strings", raw, 1))
    return _STRING_BOMB[0]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_an_error_in_bounded_time_and_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile.msgpack"
    path.write_bytes(HOSTILE[name]())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with pytest.raises(TraceFileError, match=r"hostile\.msgpack: ") as caught:
        rows_of(path)
    assert "\n" not in str(caught.value)
    assert time.process_time() - start < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 20  # KiB


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(TraceFileError, match=str(path)):
            tracer.load(path)
