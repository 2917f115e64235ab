"""Ten tasks on a pool of five, each with a callback. There is no `__main__` guard: fork only."""

import multiprocessing
import time


def wash(plate):
    time.sleep(0.02)
    return f"plate {plate}"


def stack(plate):
    print("stacked", plate)


pool = multiprocessing.get_context("fork").Pool(5)
for plate in range(10):
    pool.apply_async(wash, (plate,), callback=stack)
pool.close()
pool.join()
print("all dry")
