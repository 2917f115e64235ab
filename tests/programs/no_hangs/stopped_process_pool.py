"""Of two workers one is idle, and one sleeps."""

import multiprocessing
import time

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.apply(time.sleep, (3600,))
