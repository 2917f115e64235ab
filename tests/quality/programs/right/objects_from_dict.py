# CLEAN: the dict of free ones is changed under the lock; what was taken out is the thread's
import threading

lock = threading.Lock()
places = threading.Semaphore(2)
free = {"x": [0], "y": [0]}


def use():
    with places:
        with lock:
            name, cell = free.popitem()
        cell[0] += 1
        with lock:
            free[name] = cell


threads = [threading.Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(cell[0] for cell in free.values()) == 4
