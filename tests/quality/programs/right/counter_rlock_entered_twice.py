# CLEAN: an RLock that is held by the caller already
import threading

lock = threading.RLock()
total = 0


def add(amount):
    global total
    with lock:
        total += amount


def add_twice(amount):
    with lock:
        add(amount)
        add(amount)


threads = [threading.Thread(target=add_twice, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 12
