"""Lists that one thread fills and hands to another through a plain list and through a deque."""

import threading
from collections import deque

jobs = []
done = deque()
guard = threading.Lock()
results = []
COUNT = 50


def make():
    for number in range(COUNT):
        rows = [number]
        rows.append(number + 1)
        jobs.append(rows)


def change():
    left = COUNT
    while left:
        try:
            rows = jobs.pop()
        except IndexError:
            continue
        rows.append(sum(rows))
        rows[0] = 0
        with guard:
            done.append(rows)
        left -= 1


def read():
    left = COUNT
    while left:
        with guard:
            rows = done.popleft() if done else None
        if rows is not None:
            results.append(sum(rows))
            left -= 1


threads = [threading.Thread(target=target) for target in (make, change, read)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
