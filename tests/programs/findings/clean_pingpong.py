"""Two threads take turns by events."""

import threading

a = threading.Event()
b = threading.Event()
n = 0


def f():
    global n
    for _ in range(10):
        a.wait()
        a.clear()
        n += 1
        b.set()


def g():
    global n
    for _ in range(10):
        n += 1
        a.set()
        b.wait()
        b.clear()


ts = [threading.Thread(target=f), threading.Thread(target=g)]
for t in ts:
    t.start()
for t in ts:
    t.join()
    print(n)
