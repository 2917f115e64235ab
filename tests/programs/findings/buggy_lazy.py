"""Lazy initialisation without a lock."""

import threading

x = None


def f():
    global x
    if x is None:
        x = object()


ts = [threading.Thread(target=f) for _ in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
