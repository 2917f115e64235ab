"""A pool makes a new worker for the one that died, but the task is lost."""

import multiprocessing
import os


def die(number):
    os._exit(number)


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.apply(die, (3,)))
