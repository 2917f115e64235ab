"""is_set() and set() are two steps: both may find it unset, and both run."""

import threading

started = threading.Event()
runs = []


def once():
    if not started.is_set():
        started.set()
        runs.append(1)


threads = [threading.Thread(target=once) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(runs)
