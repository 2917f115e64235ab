# CLEAN: an object that was taken from the pool under the lock is the thread's until it gives it back
import threading

lock = threading.Lock()
places = threading.Semaphore(2)
pool = [{"uses": 0}, {"uses": 0}]


def use():
    with places:
        with lock:
            taken = pool.pop()
        taken["uses"] += 1
        with lock:
            pool.append(taken)


threads = [threading.Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(each["uses"] for each in pool) == 4
