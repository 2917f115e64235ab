# FAILS: AssertionError
# A semaphore that lets two in is taken for a lock.
import threading

guard = threading.Semaphore(2)
count = 0


def add():
    global count
    with guard:
        count += 1


threads = [threading.Thread(target=add) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 3, count
