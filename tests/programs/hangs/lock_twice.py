"""A thread takes a lock that it has."""

import threading

guard = threading.Lock()


def outer():
    with guard:
        inner()


def inner():
    with guard:
        pass


thread = threading.Thread(target=outer, name="outer")
thread.start()
thread.join()
