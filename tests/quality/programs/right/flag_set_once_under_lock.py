# CLEAN: the look and the set are under one lock
import threading

lock = threading.Lock()
prepared = False
times = []


def prepare():
    global prepared
    with lock:
        if prepared:
            return
        prepared = True
    times.append("prepared")


threads = [threading.Thread(target=prepare) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(times) == 1
