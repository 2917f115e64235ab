"""Fifty threads that sleep at the same time, all joined.

Look for: fifty `start`s, fifty `join`s; each `join` says how long main waited (the first one
long, the others hardly at all). The graph folds the threads into one lane.
"""

import threading
import time


def nap():
    time.sleep(0.2)


sleepers = [threading.Thread(target=nap) for _ in range(50)]
for sleeper in sleepers:
    sleeper.start()
for sleeper in sleepers:
    sleeper.join()
print("all awake")
