"""Reads a spool as docs/spool.md describes it, with nothing of the tool but op names."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgpack

from tracer.events import Op, Outcome

BLOCK = 64 << 10
SITE, OBJECT, LOCATION, THREAD = 2, 3, 4, 5


@dataclass(frozen=True)
class Record:
    seq: int
    thread: int
    op: Op
    outcome: Outcome
    target: int
    site: int
    tag: int
    bits: int


def records(spool: Path) -> list[Record]:
    """All records of all threads, in the order of their sequence numbers."""
    found = []
    for path in spool.glob("p*.t*.events"):
        found += _of_thread(_in_order(path.read_bytes()), int(path.stem.split(".t")[1]))
    return sorted(found, key=lambda record: record.seq)


def _in_order(data: bytes) -> bytes:
    """The blocks without their heads, the first of the file last."""
    (head,) = struct.unpack_from("<Q", data)
    blocks = [data[at + 8 : at + BLOCK] for at in range(0, len(data), BLOCK)]
    return b"".join(blocks[1 : 1 + head // 2] + ([] if head & 1 else blocks[:1]))


def _of_thread(data: bytes, thread: int) -> Iterator[Record]:
    at, last = 0, 0
    slots: dict[int, tuple[int, int, int]] = {}
    while at < len(data):
        (word,) = struct.unpack_from("<Q", data, at)
        if word == 0:
            return
        if word >> 23 & 1:
            at += 8
            later = word >> 8 & 0x7FFF
            if later == 0:
                continue
            slot, seq = word & 0xFF, last + later
            change = (word >> 48) - (word >> 63 << 16)
            code, where, bits = slots[slot]
            bits = (bits + change) % 2**64
        else:
            word, _ticks, where, bits = struct.unpack_from("<QQQQ", data, at)
            at += 32
            seq, code = word >> 24, word & 0xFFFFFF
            slot = (where >> 32 ^ code >> 16 << 4) & 0xFF
        slots[slot] = code, where, bits
        last = seq
        op, tag, outcome = Op(code >> 16), code >> 8 & 0xFF, Outcome(code >> 4 & 0xF)
        yield Record(seq, thread, op, outcome, where & 0xFFFFFFFF, where >> 32, tag, bits)


def definitions(spool: Path, kind: int) -> dict[int, list]:
    """The definitions of one kind by id, with string ids replaced by the strings."""
    data = (spool / "p1.defs").read_bytes()
    rows, strings, at = {}, {0: ""}, 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        if length == 0:
            break
        entry = msgpack.unpackb(data[at + 4 : at + 4 + length])
        at += 4 + length
        if entry[0] == 1:
            strings[entry[1]] = entry[2]
        elif entry[0] == kind:
            rows[entry[1]] = entry[2:]
    where = {SITE: (0, 5, 6), OBJECT: (0, 1), LOCATION: (2, 3), THREAD: ()}[kind]
    for row in rows.values():
        for i in where:
            row[i] = strings[row[i]]
    return rows
