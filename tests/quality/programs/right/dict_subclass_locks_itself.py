# CLEAN: the subclass's method holds the lock from the read to the store
import threading


class Tally(dict):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()

    def count(self, key):
        with self.lock:
            self[key] = self.get(key, 0) + 1


tally = Tally()

threads = [threading.Thread(target=tally.count, args=(each,)) for each in "aab"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert tally == {"a": 2, "b": 1}
