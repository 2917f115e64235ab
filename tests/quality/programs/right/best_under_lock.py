# CLEAN: the look and the store are under one lock
import threading

lock = threading.Lock()
best = 0


def offer(value):
    global best
    with lock:
        if value > best:
            best = value


threads = [threading.Thread(target=offer, args=(each,)) for each in (5, 9, 7)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert best == 9
