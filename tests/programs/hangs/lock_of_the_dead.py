"""A thread dies of an exception while it holds the lock."""

import threading

guard = threading.Lock()
went = threading.Event()


def careless():
    guard.acquire()
    went.set()
    int("no number")
    guard.release()


def careful():
    went.wait()
    with guard:
        pass


threads = [threading.Thread(target=work, name=work.__name__) for work in (careless, careful)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
