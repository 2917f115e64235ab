# CLEAN: each key has a lock of its own, made before the threads
import threading

locks = {key: threading.Lock() for key in "ab"}
sums = {key: 0 for key in "ab"}


def work(amount):
    for key in "ab":
        with locks[key]:
            sums[key] += amount


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sums == {"a": 6, "b": 6}
