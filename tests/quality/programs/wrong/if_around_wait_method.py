# FINDS: atomicity-violation on items
# get() tests once: who was woken finds that another has been faster.
import threading


class Box:
    def __init__(self):
        self.items = []
        self.changed = threading.Condition()

    def put(self, item):
        with self.changed:
            self.items.append(item)
            self.changed.notify_all()

    def get(self):
        with self.changed:
            if len(self.items) == 0:
                self.changed.wait(1)
            return self.items.pop() if self.items else None


box = Box()
got = []

threads = [threading.Thread(target=lambda: got.append(box.get())) for _ in range(2)]
for thread in threads:
    thread.start()
box.put("one")
for thread in threads:
    thread.join()
print(got)
