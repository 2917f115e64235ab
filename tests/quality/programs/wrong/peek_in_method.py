# FINDS: atomicity-violation on entries
# peek and pop are methods with the lock, and two steps.
import threading


class Box:
    def __init__(self, entries):
        self.entries = entries
        self.lock = threading.Lock()

    def peek(self):
        with self.lock:
            return self.entries[0]

    def pop(self):
        with self.lock:
            return self.entries.pop(0)


box = Box([1, 2, 3])
handled = []


def work():
    handled.append(box.peek())
    box.pop()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(handled, box.entries)
