# CLEAN: done() that is true comes after the task
import concurrent.futures
import time

total = 0


def work():
    global total
    total += 1


with concurrent.futures.ThreadPoolExecutor(1) as pool:
    future = pool.submit(work)
    while not future.done():
        time.sleep(0.001)
    total += 10
assert total == 11
