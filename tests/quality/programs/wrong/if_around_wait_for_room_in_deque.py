# FINDS: atomicity-violation on belt
# put() tests once: who was woken finds that another has filled the place.
import threading
from collections import deque


class Belt:
    def __init__(self):
        self.belt = deque(["first"])
        self.changed = threading.Condition()

    def put(self, part):
        with self.changed:
            if len(self.belt) > 0:
                self.changed.wait(1)
            self.belt.append(part)

    def take(self):
        with self.changed:
            part = self.belt.popleft()
            self.changed.notify_all()
            return part


belt = Belt()

threads = [
    *(threading.Thread(target=belt.put, args=(each,)) for each in ("a", "b")),
    threading.Thread(target=belt.take),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(belt.belt))
