"""Threads count in one item of a dict."""

import threading

counts = {"a": 0}


def f():
    for _ in range(10):
        counts["a"] += 1


ts = [threading.Thread(target=f) for i in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
