# CLEAN: the look and the store are under one lock, which is held while the value is made
import threading


class Cache:
    def __init__(self):
        self.lock = threading.RLock()
        self.values = {}
        self.misses = 0

    def get(self, key):
        with self.lock:
            if key not in self.values:
                self.misses += 1
                self.values[key] = key * 2
            return self.values[key]


cache = Cache()
got = []


def work(key):
    got.append(cache.get(key))


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert cache.misses == 2 and sorted(got) == [2, 2, 4]
