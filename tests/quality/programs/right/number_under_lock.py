# CLEAN: the length and the store are under one lock
import threading

lock = threading.Lock()
numbers = {}


def number(name):
    with lock:
        if name not in numbers:
            numbers[name] = len(numbers)


threads = [threading.Thread(target=number, args=(each,)) for each in ("ann", "bob", "cy")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(numbers.values()) == [0, 1, 2]
