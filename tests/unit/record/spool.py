"""Reads a spool as docs/how-it-works.md describes it, with nothing of the tool but op names."""

import struct
from dataclasses import dataclass
from pathlib import Path

import msgpack

from tracer.events import Op, Outcome

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
        thread = int(path.stem.split(".t")[1])
        for word, _ticks, where, bits in struct.iter_unpack("<QQQQ", path.read_bytes()):
            op = word >> 16 & 0xFF
            if op:
                outcome = Outcome(word >> 4 & 0xF)
                target, site = where & 0xFFFFFFFF, where >> 32
                tag = word >> 8 & 0xFF
                found.append(Record(word >> 24, thread, Op(op), outcome, target, site, tag, bits))
    return sorted(found, key=lambda record: record.seq)


def definitions(spool: Path, kind: int) -> dict[int, list]:
    """The definitions of one kind by id, with string ids replaced by the strings."""
    data = (spool / "p1.defs").read_bytes()
    rows, strings, at = {}, {0: ""}, 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
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
