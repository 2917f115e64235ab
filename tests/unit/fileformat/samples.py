"""Spools of some size, and what is expected of the traces that are made of them."""

from __future__ import annotations

import random
from pathlib import Path

from spools import LINK, Spool, record

from tracer import fileformat
from tracer.events import Op

DEFINITIONS: list[tuple[object, ...]] = [
    (6, "main", 4711, "", "MainProcess"),
    *((1, i, text) for i, text in enumerate(("num", "race.py", "__main__", "Lock", "dict"), 1)),
    (5, 1, "main", "MainThread", 0, False),
    (5, 2, "main.1", "Thread-1", 1, False),
    (5, 3, "main.2", "Zweiter Fäden", 1, True),
    (2, 1, 2, 8, 5, 8, 8, 3, 1, False, [], []),
    (2, 2, 2, 10, 5, 10, 12, 3, 1, True, [1], [1]),
    (3, 1, 4, 0, 1, 1, 1),
    (3, 2, 5, 1, 1, 1, 2),
    (4, 1, 1, 0, 3, 1, None),
    (4, 2, 3, 2, 0, 0, "k"),
    (4, 3, 3, 2, 0, 0, [5, 2]),
    (7, "other.py was not rewritten"),
    (20, 1, [2, 1]),
    (21, 3, 1, 1),
]


def random_spool(path: Path, count: int, seed: int = 1) -> Spool:
    """A spool of one process with three threads, and `count` records of every sort."""
    rng = random.Random(seed)
    spool = Spool(path)
    spool.define(1, DEFINITIONS)
    spool.json("end.json", {"exit_status": {"1": -9}})
    threads: list[list[bytes]] = [[], [], []]
    accesses = [op for op in Op if op.is_access]
    others = [op for op in Op if not op.is_access]
    seq = ticks = 1000
    running = 0
    for _ in range(count):
        if rng.random() < 0.02:
            running = rng.randrange(3)
        seq += 1 + (rng.random() < 0.1)
        ticks += int(rng.expovariate(1 / 200))
        op = rng.choice(accesses if rng.random() < 0.7 else others)
        tag, value = _value(rng, seq)
        threads[running].append(
            record(
                seq,
                op,
                ticks=ticks,
                target=rng.randrange(4) if op.is_access else rng.randrange(3),
                site=rng.randrange(4),
                tag=tag,
                value=value,
                outcome=rng.randrange(7) if rng.random() < 0.1 else 0,
                flags=rng.randrange(4),
            )
        )
    for thread, records in enumerate(threads, 1):
        spool.thread(1, thread, *records)
    return spool


def _value(rng: random.Random, seq: int) -> tuple[int, int]:
    tag = rng.choice((0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8, LINK, 16, 18, 33))
    if tag == 4:
        return tag, rng.choice((rng.randrange(100), rng.getrandbits(64)))
    if tag == 5:
        return tag, rng.randrange(1 << 62)
    if tag in (6, 7):
        return tag, rng.randrange(1, 6)
    if tag == 8:
        return tag, 5 << 32 | rng.randrange(3)
    if tag == LINK:
        return tag, rng.randrange(1, seq)
    return tag, int.from_bytes(bytes(rng.choices(b"abcd", k=tag % 16)), "little")


def random_trace(folder: Path, count: int, seed: int = 1) -> Path:
    """The file that is made of `random_spool`."""
    out = folder / f"{count}-{seed}.msgpack"
    fileformat.write_spool(random_spool(folder / f"spool-{count}-{seed}", count, seed).path, out)
    return out
