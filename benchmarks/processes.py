"""The cost of what passes between recorded processes."""

from __future__ import annotations

import sys

from .measure import inside, recorded, used

PAIRS = 15

PROGRAMS = {
    "process_queue": "multiprocessing.Queue, a put and its get",
    "pipe": "Pipe, a round trip to another process",
    "pool_map": "Pool, map of 1,000 tiny tasks",
    "managed_dict": "Manager, an increment of an item of a dict",
}


def measure(folder: str) -> None:
    print(f"Between processes, times plain Python {sys.version.split()[0]}")
    for program, label in PROGRAMS.items():
        recorded(label, folder, program, measure=inside, pairs=PAIRS)
    print("The same on one processor, in processor time of all its processes")
    for program, label in PROGRAMS.items():
        recorded(label, folder, program, measure=used, pairs=PAIRS)
