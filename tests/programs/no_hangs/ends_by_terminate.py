"""A process that waits forever is told to end."""

import multiprocessing
import threading


def wait(begun):
    begun.set()
    threading.Event().wait()


if __name__ == "__main__":
    begun = multiprocessing.Event()
    process = multiprocessing.Process(target=wait, args=(begun,))
    process.start()
    begun.wait()
    process.terminate()
    process.join()
