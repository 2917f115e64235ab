"""Processes that hand each other numbers for a second, and end with the program."""

import ctypes
import multiprocessing
import os
import signal
import sys
import time


PR_SET_PDEATHSIG = 1


def work(parent, numbers, results):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    while (number := numbers.get()) is not None:
        results.put(number + 1)


def main():
    numbers, results = multiprocessing.SimpleQueue(), multiprocessing.SimpleQueue()
    workers = [
        multiprocessing.Process(target=work, args=(os.getpid(), numbers, results), daemon=True)
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    end = time.monotonic() + 1
    while time.monotonic() < end:
        numbers.put(1)
        results.get()
    for _ in workers:
        numbers.put(None)
    for worker in workers:
        worker.join()
    print("done")
    sys.exit(7)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")  # a child looks after its parent
    main()
