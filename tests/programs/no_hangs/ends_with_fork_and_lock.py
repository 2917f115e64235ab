"""The child of a fork gets a new lock in the place of the one that was held."""

import multiprocessing
import os
import threading

guard = threading.Lock()
held, over = threading.Event(), threading.Event()


def renew():
    global guard
    guard = threading.Lock()


os.register_at_fork(after_in_child=renew)


def background():
    with guard:
        held.set()
        over.wait()


def child():
    with guard:
        print("in the child")


if __name__ == "__main__":
    thread = threading.Thread(target=background)
    thread.start()
    held.wait()
    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    over.set()
    thread.join()
