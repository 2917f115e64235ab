"""A process ends by os._exit while it holds a lock of all processes."""

import multiprocessing
import os


def work(guard):
    guard.acquire()
    os._exit(1)


if __name__ == "__main__":
    guard = multiprocessing.Lock()
    process = multiprocessing.Process(target=work, args=(guard,), name="worker")
    process.start()
    process.join()
    with guard:
        print("mine")
