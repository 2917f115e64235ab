# CLEAN: main changes the number when it has waited for all tasks
import concurrent.futures
import threading

lock = threading.Lock()
total = 0


def add(amount):
    global total
    with lock:
        total += amount


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(add, amount) for amount in (1, 2, 3)]
    concurrent.futures.wait(futures)
    total *= 2
assert total == 12
