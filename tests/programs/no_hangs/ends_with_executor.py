"""Executors and pools that are left to the end of the program."""

from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

executor = ThreadPoolExecutor(2)
print(list(executor.map(abs, range(4))))
pool = ThreadPool(2)
print(pool.map(abs, range(4)))
