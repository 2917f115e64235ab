# FINDS: atomicity-violation on waiting
# The caller removes what it takes for the one that it has seen.
import threading
from collections import deque


class Line:
    def __init__(self, names):
        self.waiting = deque(names)
        self.lock = threading.Lock()

    def first(self):
        with self.lock:
            return self.waiting[0]


line = Line(["ann", "bob", "cid"])
served = []


def serve():
    served.append(line.first())
    with line.lock:
        line.waiting.popleft()


threads = [threading.Thread(target=serve) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(served)
