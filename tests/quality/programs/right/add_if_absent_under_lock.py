# CLEAN: the look and the append are under one lock
import threading

lock = threading.Lock()
names = []


def register(name):
    with lock:
        if name not in names:
            names.append(name)


threads = [threading.Thread(target=register, args=(each,)) for each in ("ann", "ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(names) == ["ann", "bob"]
