"""The notification comes before anybody waits, and nothing says so."""

import threading

changed = threading.Condition()
told = threading.Event()


def listen():
    told.wait()
    with changed:
        changed.wait()


listener = threading.Thread(target=listen, name="listener")
listener.start()
with changed:
    changed.notify()
told.set()
listener.join()
