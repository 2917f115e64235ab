"""The cost of what passes between recorded processes."""

from __future__ import annotations

from .measure import Bench, inside, used

PAIRS = 15

PROGRAMS = {
    "process_queue": "multiprocessing.Queue, a put and its get",
    "pipe": "Pipe, a round trip to another process",
    "pool_map": "Pool, map of 1,000 tiny tasks",
    "managed_dict": "Manager, an increment of an item of a dict",
}


def measure(bench: Bench) -> None:
    print("Between processes, times plain Python, by the clock")
    for program, label in PROGRAMS.items():
        bench.recorded(label, program, measure=inside, pairs=PAIRS)
    print("The same on one processor, in processor time of all its processes")
    for program, label in PROGRAMS.items():
        bench.recorded(f"{label}, processor time", program, measure=used, pairs=PAIRS)
