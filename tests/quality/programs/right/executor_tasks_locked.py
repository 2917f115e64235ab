# CLEAN: the tasks hold one lock
import concurrent.futures
import threading

lock = threading.Lock()
total = 0


def add(amount):
    global total
    with lock:
        total += amount


with concurrent.futures.ThreadPoolExecutor(3) as pool:
    list(pool.map(add, (1, 2, 3, 4)))
assert total == 10
