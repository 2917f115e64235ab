"""Adds to an item of a dict that a manager's process holds."""

import multiprocessing
import time

from processor import used

ROUNDS = 2_000

if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        shared = manager.dict(n=0)
        start, before = time.perf_counter(), used()
        for _ in range(ROUNDS):
            shared["n"] += 1
        print(time.perf_counter() - start, used() - before)
