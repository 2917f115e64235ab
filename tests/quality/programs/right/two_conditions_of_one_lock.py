# CLEAN: both conditions have the lock under which the list is looked at
import threading


class Buffer:
    def __init__(self, size):
        self.size = size
        self.items = []
        self.lock = threading.Lock()
        self.filled = threading.Condition(self.lock)
        self.freed = threading.Condition(self.lock)

    def put(self, item):
        with self.lock:
            while len(self.items) >= self.size:
                self.freed.wait()
            self.items.append(item)
            self.filled.notify()

    def get(self):
        with self.filled:
            while not self.items:
                self.filled.wait()
            item = self.items.pop(0)
            self.freed.notify()
            return item


buffer = Buffer(1)
got = []


def produce():
    for number in range(3):
        buffer.put(number)


def consume():
    for _ in range(3):
        got.append(buffer.get())


threads = [threading.Thread(target=function) for function in (produce, consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == [0, 1, 2]
