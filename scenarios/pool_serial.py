"""`Pool.apply` waits for each result, so the two workers never work at once."""

import multiprocessing
import time


def wash(plate):
    time.sleep(0.02)
    return f"plate {plate}"


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        for plate in range(4):
            print(pool.apply(wash, (plate,)))
