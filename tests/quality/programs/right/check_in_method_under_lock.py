# CLEAN: the caller holds the RLock around the look and the pop
import threading


class Stack:
    def __init__(self, items):
        self.items = items
        self.lock = threading.RLock()

    def empty(self):
        with self.lock:
            return len(self.items) == 0

    def pop(self):
        with self.lock:
            return self.items.pop()


stack = Stack(["last"])
got = []


def work():
    with stack.lock:
        if not stack.empty():
            got.append(stack.pop())


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == ["last"]
