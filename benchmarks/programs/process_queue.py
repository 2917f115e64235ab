"""Puts into a queue between processes, each followed by its get."""

import multiprocessing
import time

ROUNDS = 5_000

if __name__ == "__main__":
    queue = multiprocessing.Queue()
    queue.put(0)
    queue.get()
    start, used = time.perf_counter(), time.process_time()
    for i in range(ROUNDS):
        queue.put(i)
        queue.get()
    print(time.perf_counter() - start, time.process_time() - used)
