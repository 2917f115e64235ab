"""A pool's workers get a copy of a lock that a thread of their parent holds."""

import multiprocessing
import threading

guard = threading.Lock()
held, over = threading.Event(), threading.Event()


def background():
    with guard:
        held.set()
        over.wait()


def square(number):
    with guard:
        return number * number


if __name__ == "__main__":
    thread = threading.Thread(target=background, name="background")
    thread.start()
    held.wait()
    with multiprocessing.get_context("fork").Pool(3) as pool:
        over.set()
        thread.join()
        print(pool.map(square, range(2), chunksize=1))
