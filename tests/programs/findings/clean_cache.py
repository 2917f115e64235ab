"""A cache under a lock, iterated over when all threads have ended."""

import threading

cache = {}
lock = threading.Lock()


def get(k):
    with lock:
        if k in cache:
            return cache[k]
        cache[k] = k * 2
        return cache[k]


def f():
    for i in range(10):
        get(i)


ts = [threading.Thread(target=f) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
for k, v in cache.items():
    pass
