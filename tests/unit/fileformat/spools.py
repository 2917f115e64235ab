"""Makes spool directories byte by byte, as docs/spool.md lays them down."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgpack

MAGIC = 0x6563617274656361
RECORD = struct.Struct("<QQIIQ")
LINK = 9
BLOCK = 64 << 10
HEAD = 8


def record(
    seq: int,
    op: int,
    *,
    ticks: int = 0,
    target: int = 0,
    site: int = 0,
    tag: int = 0,
    value: int = 0,
    outcome: int = 0,
    flags: int = 0,
) -> bytes:
    """One event as a thread stores it."""
    head = seq << 24 | op << 16 | tag << 8 | outcome << 4 | flags
    return RECORD.pack(head, ticks, target, site, value)


def short(slot: int, *, later: int = 1, ticks: int = 0, value: int = 0) -> bytes:
    """An event like the last one of its slot; each argument but the slot is a difference."""
    return struct.pack("<Q", slot | later << 8 | 1 << 23 | ticks << 24 | value % 2**16 << 48)


class Spool:
    """A spool directory in the making."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.json("run.json", {"argv": ["race.py"], "program": "race.py"})
        self.page()

    def json(self, name: str, content: object) -> None:
        (self.path / name).write_text(json.dumps(content))

    def page(
        self,
        *,
        clock: int = 0,
        first: tuple[int, int] = (1000, 1000),
        latest: tuple[int, int] = (0, 0),
        failed: int = 0,
    ) -> None:
        words = struct.pack("<8Q", MAGIC, 1, clock, *first, *latest, failed)
        (self.path / "page").write_bytes(words.ljust(4096, b"\0"))

    def define(self, process: int, entries: Iterable[Sequence[object]]) -> None:
        with (self.path / f"p{process}.defs").open("ab") as log:
            for entry in entries:
                packed = msgpack.packb(entry, unicode_errors="surrogatepass")
                log.write(struct.pack("<I", len(packed)) + packed)

    def thread(self, process: int, thread: int, *records: bytes, zeros: int = 4096) -> None:
        full, last = [], b""
        for one in records:
            if len(last) + len(one) > BLOCK - HEAD:
                full.append(last + short(0, later=0) * ((BLOCK - HEAD - len(last)) // 8))
                last = b""
            last += one
        first = struct.pack("<Q", 2 * len(full)) + last + bytes(zeros)
        if full:
            first = first.ljust(BLOCK, b"\0")[:BLOCK]
        path = self.path / f"p{process}.t{thread}.events"
        path.write_bytes(first + b"".join(bytes(HEAD) + block for block in full))
