"""Results are read after the join."""

import threading


class T(threading.Thread):
    def __init__(self, n):
        super().__init__()
        self.n = n
        self.result = None

    def run(self):
        self.result = self.n**2


ts = [T(i) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(sum(t.result for t in ts))
