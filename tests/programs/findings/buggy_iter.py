"""A dict is iterated over while another thread adds keys."""

import threading

d = {}


def w():
    for i in range(100):
        d[i] = i


def r():
    for i in range(20):
        try:
            sum(1 for k in d)
        except RuntimeError:
            pass


ts = [threading.Thread(target=w), threading.Thread(target=r)]
for t in ts:
    t.start()
for t in ts:
    t.join()
