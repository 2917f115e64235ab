# CLEAN: who finds nothing looks again under the lock
import threading

lock = threading.Lock()
cache = None
made = []


def get():
    global cache
    if cache is None:
        with lock:
            if cache is None:
                made.append(1)
                cache = {"number": 1}
    return cache


threads = [threading.Thread(target=get) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(made) == 1
