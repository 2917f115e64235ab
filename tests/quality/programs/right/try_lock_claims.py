# CLEAN: acquire(blocking=False) is one step: one thread gets it
import threading

claim = threading.Lock()
runs = []


def once():
    if claim.acquire(blocking=False):
        runs.append(1)


threads = [threading.Thread(target=once) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(runs) == 1
