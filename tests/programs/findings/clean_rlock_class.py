"""A class that guards all it has with an RLock."""

import threading


class Acc:
    def __init__(self):
        self.lock = threading.RLock()
        self.b = 100
        self.log = []

    def dep(self, a):
        with self.lock:
            self.b += a
            self.log.append(a)

    def move(self, a):
        with self.lock:
            if self.b >= a:
                self.b -= a
                self.dep(0)

    def snap(self):
        with self.lock:
            return list(self.log)


acc = Acc()


def f():
    for i in range(10):
        acc.dep(i)
        acc.move(5)
        acc.snap()


ts = [threading.Thread(target=f) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(acc.b, len(acc.log))
