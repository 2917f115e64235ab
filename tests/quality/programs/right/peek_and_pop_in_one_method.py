# CLEAN: what is seen is taken under the same lock
import threading


class Box:
    def __init__(self, entries):
        self.entries = entries
        self.lock = threading.RLock()

    def peek(self):
        with self.lock:
            return self.entries[0]

    def take(self):
        with self.lock:
            first = self.peek()
            assert self.entries.pop(0) == first
            return first


box = Box([1, 2, 3])
taken = []


def work():
    taken.append(box.take())


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(taken) == [1, 2]
