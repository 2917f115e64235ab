"""A pool of two processes maps a function that does nothing over 1,000 numbers, many times."""

import multiprocessing
import time

from processor import used


def same(x):
    return x


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        pool.map(same, range(1_000))
        start, before = time.perf_counter(), used()
        for _ in range(400):
            pool.map(same, range(1_000))
        print(time.perf_counter() - start, used() - before)
