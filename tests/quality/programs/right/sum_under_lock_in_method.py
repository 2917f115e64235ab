# CLEAN: the lock is taken by the method that calls getter and setter
import threading


class Tank:
    def __init__(self):
        self._level = 0
        self._lock = threading.RLock()

    @property
    def level(self):
        with self._lock:
            return self._level

    def fill(self, amount):
        with self._lock:
            self._level = self.level + amount


tank = Tank()

threads = [threading.Thread(target=tank.fill, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert tank.level == 6
