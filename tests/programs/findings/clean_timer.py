"""A timer, joined."""

import threading

n = 0


def f():
    global n
    n += 1


t = threading.Timer(0.02, f)
t.start()
t.join()
n += 1
print(n)
