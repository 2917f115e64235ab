"""A key is looked for and then stored, without a lock."""

import threading

d = {}


def f(i):
    if "k" not in d:
        d["k"] = i


ts = [threading.Thread(target=f, args=(i,)) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
