"""Objects of each thread, at addresses that are used again and again."""

import threading


class C:
    def __init__(self):
        self.v = 0


def f():
    for _ in range(50):
        c = C()
        c.v += 1
        c.v += 1
        d = {}
        d["k"] = 1
        for k in d:
            pass
        l = []
        l.append(1)
        l.sort()


ts = [threading.Thread(target=f) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
