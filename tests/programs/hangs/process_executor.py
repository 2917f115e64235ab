"""A task of a process pool waits for an event that is set when it has returned."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

context = multiprocessing.get_context("fork")
go = context.Event()


def task():
    return go.wait()


if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        print(pool.submit(task).result())
        go.set()
