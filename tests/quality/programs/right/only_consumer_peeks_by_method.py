# CLEAN: nobody else takes anything out
import threading


class Box:
    def __init__(self):
        self.entries = [0]
        self.lock = threading.Lock()

    def put(self, entry):
        with self.lock:
            self.entries.append(entry)

    def peek(self):
        with self.lock:
            return self.entries[0]

    def take(self):
        with self.lock:
            return self.entries.pop(0)


box = Box()


def put():
    box.put(1)


def consume():
    seen = box.peek()
    assert box.take() == seen


threads = [threading.Thread(target=function) for function in (consume, put, put)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert box.entries == [1, 1]
