"""The process that is joined sleeps."""

import multiprocessing
import time

if __name__ == "__main__":
    process = multiprocessing.Process(target=time.sleep, args=(3600,))
    process.start()
    process.join()
