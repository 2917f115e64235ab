"""Of two workers one is idle, and one sleeps."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        pool.submit(time.sleep, 3600).result()
