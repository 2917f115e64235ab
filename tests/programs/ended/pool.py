"""A pool of processes, which end with the program, and one of threads."""

import ctypes
import multiprocessing
import multiprocessing.dummy
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1


def begin(parent):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def work(number):
    time.sleep(0.01)
    return number + 1


def main():
    with (
        multiprocessing.Pool(2, begin, (os.getpid(),)) as processes,
        multiprocessing.dummy.Pool(2) as threads,
    ):
        end = time.monotonic() + 1
        while time.monotonic() < end:
            processes.map(work, range(4))
            threads.map(work, range(4))
    print("done")
    sys.exit(7)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")  # a child looks after its parent
    main()
