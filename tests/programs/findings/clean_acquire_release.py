"""acquire and release without `with`."""

import threading

lock = threading.Lock()
n = 0


def f():
    global n
    for _ in range(10):
        lock.acquire()
        try:
            n = n + 1
        finally:
            lock.release()


ts = [threading.Thread(target=f) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
