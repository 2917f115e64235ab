"""Pieces of a map wait for each other, and there are more than threads."""

import threading
from multiprocessing.pool import ThreadPool

meeting = threading.Barrier(3)


def meet(number):
    return meeting.wait() + number


with ThreadPool(2) as pool:
    print(pool.map(meet, range(3), chunksize=1))
