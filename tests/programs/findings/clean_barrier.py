"""Rounds, kept apart by a barrier."""

import threading

b = threading.Barrier(3)
data = [0] * 3


def f(i):
    for r in range(4):
        data[i] = data[i] + 1
        b.wait()
        s = sum(data)
        b.wait()


ts = [threading.Thread(target=f, args=(i,)) for i in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
