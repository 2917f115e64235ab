"""A semaphore of one as a lock."""

import threading

s = threading.Semaphore(1)
n = 0


def f():
    global n
    for _ in range(20):
        with s:
            n += 1


ts = [threading.Thread(target=f) for i in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
