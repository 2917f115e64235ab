"""threading.local."""

import threading

loc = threading.local()


def f(i):
    loc.x = i
    for _ in range(5):
        loc.x += 1
    assert loc.x == i + 5


ts = [threading.Thread(target=f, args=(i,)) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
