"""A method increments an attribute of a shared object."""

import threading


class C:
    def __init__(self):
        self.v = 0

    def inc(self):
        self.v += 1


c = C()


def f():
    for _ in range(50):
        c.inc()


ts = [threading.Thread(target=f) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(c.v)
