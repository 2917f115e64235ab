"""The cost of what passes between recorded processes."""

from __future__ import annotations

import sys

from .measure import recorded


def measure(folder: str) -> None:
    print(f"Between processes, times plain Python {sys.version.split()[0]}")
    recorded("multiprocessing.Queue, a put and its get", folder, "process_queue")
    recorded("Pipe, a round trip to another process", folder, "pipe")
    recorded("Pool, map of 1,000 tiny tasks", folder, "pool_map")
    recorded("Manager, an increment of an item of a dict", folder, "managed_dict")
