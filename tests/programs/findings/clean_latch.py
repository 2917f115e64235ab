"""A counter under a condition tells main that all threads have done their part."""

import threading


class Latch:
    def __init__(self, n):
        self.n = n
        self.changed = threading.Condition()

    def down(self):
        with self.changed:
            self.n -= 1
            if self.n == 0:
                self.changed.notify_all()

    def wait(self):
        with self.changed:
            while self.n > 0:
                self.changed.wait()


latch = Latch(3)
data = [0, 0, 0]


def f(i):
    data[i] = i + 1
    latch.down()


ts = [threading.Thread(target=f, args=(i,)) for i in range(3)]
for t in ts:
    t.start()
latch.wait()
data[0] += 1
print(sum(data))
for t in ts:
    t.join()
