"""A stack whose methods are locked, and threads that look before they take."""

import threading


class Stack:
    def __init__(self, items):
        self._items = list(items)
        self._lock = threading.Lock()

    def is_empty(self):
        with self._lock:
            return not self._items

    def take(self):
        with self._lock:
            return self._items.pop()


stack = Stack(range(4))


def work():
    if not stack.is_empty():
        stack.take()


threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
