# CLEAN: what was published is changed by the one that has found it, under the lock
import threading

lock = threading.Lock()
current = None


def publish():
    global current
    cell = {"n": 1}
    cell["n"] += 1
    with lock:
        current = cell


def use():
    with lock:
        if current is not None:
            current["n"] += 10


threads = [threading.Thread(target=function) for function in (publish, use, use)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert current["n"] in (2, 12, 22)
