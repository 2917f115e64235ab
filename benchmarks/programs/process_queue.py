"""Puts into a queue between processes, each followed by its get."""

import multiprocessing
import time

from processor import used

ROUNDS = 5_000

if __name__ == "__main__":
    queue = multiprocessing.Queue()
    queue.put(0)
    queue.get()
    start, before = time.perf_counter(), used()
    for i in range(ROUNDS):
        queue.put(i)
        queue.get()
    print(time.perf_counter() - start, used() - before)
