# FAILS: AssertionError
# A worker starts a pool whose tasks change a counter without a lock.
import threading
from concurrent.futures import ThreadPoolExecutor

count = 0


def add(_):
    global count
    count += 1


def work():
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, range(3)))


worker = threading.Thread(target=work)
worker.start()
worker.join()
assert count == 3, count
