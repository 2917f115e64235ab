# FINDS: atomicity-violation on items
# The look is in a method with the lock, the pop in another.
import threading


class Stack:
    def __init__(self, items):
        self.items = items
        self.lock = threading.Lock()

    def empty(self):
        with self.lock:
            return len(self.items) == 0

    def pop(self):
        with self.lock:
            return self.items.pop()


stack = Stack(["last"])


def work():
    if not stack.empty():
        stack.pop()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
