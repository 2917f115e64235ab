"""Idle workers of an executor, and one that sleeps."""

import time
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(3)
list(pool.map(abs, range(6)))
pool.submit(time.sleep, 20).result()
