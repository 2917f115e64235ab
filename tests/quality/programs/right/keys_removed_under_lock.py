# CLEAN: the copy and the removals are under one lock
import threading

lock = threading.Lock()
cache = {"a": 1, "b": 2}


def clear():
    with lock:
        for key in list(cache):
            del cache[key]


threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not cache
