"""A process of the fork server is told to end before it has begun to do anything."""

import multiprocessing
import threading


def wait():
    threading.Event().wait()


if __name__ == "__main__":
    thread = threading.Thread(target=print, args=("beside",))
    thread.start()
    thread.join()
    process = multiprocessing.get_context("forkserver").Process(target=wait)
    process.start()
    process.terminate()
    process.join()
