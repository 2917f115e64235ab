"""Read under the lock, written under the lock, but not in one go."""

import threading

lock = threading.Lock()
n = 0


def f():
    global n
    with lock:
        t = n
    t += 1
    with lock:
        n = t


ts = [threading.Thread(target=f) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
