"""One setter for an update under the lock and for a blind store: the store owes nothing to a read."""

import threading


class Gauge:
    def __init__(self):
        self.level = 0
        self.lock = threading.Lock()

    def get(self):
        return self.level

    def put(self, level):
        self.level = level

    def rise(self):
        with self.lock:
            self.put(self.get() + 1)

    def reset(self):
        with self.lock:
            self.put(0)


gauge = Gauge()


def work():
    for _ in range(3):
        gauge.rise()
        gauge.reset()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert gauge.get() == 0
