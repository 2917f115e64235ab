"""Each step is locked, but between the look at `busy` and the claim another thread can look."""

import threading

busy = set()
runs = {}
lock = threading.Lock()


def work(key):
    with lock:
        taken = key in busy
    if taken:
        return
    with lock:
        busy.add(key)
    with lock:
        known = runs.get(key, 0)
    with lock:
        runs[key] = known + 1
    with lock:
        busy.discard(key)


threads = [threading.Thread(target=work, args=("a",)) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
