"""A child gets a copy of a lock that a thread of its parent holds."""

import multiprocessing
import threading

guard = threading.Lock()
held, over = threading.Event(), threading.Event()


def background():
    with guard:
        held.set()
        over.wait()


def child():
    with guard:
        print("in the child")


if __name__ == "__main__":
    thread = threading.Thread(target=background, name="background")
    thread.start()
    held.wait()
    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    over.set()
    thread.join()
    process.join()
