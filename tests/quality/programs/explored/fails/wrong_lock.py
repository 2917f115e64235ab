# FAILS: AssertionError
# Each thread holds a lock of its own.
import threading

count = 0
locks = [threading.Lock(), threading.Lock()]


def add(lock):
    global count
    with lock:
        count += 1


threads = [threading.Thread(target=add, args=(lock,)) for lock in locks]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 2, count
