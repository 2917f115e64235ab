# FINDS: lost-update on _level
# The property's getter and setter are each one step, `+=` is both.
import threading


class Tank:
    def __init__(self):
        self._level = 0

    @property
    def level(self):
        return self._level

    @level.setter
    def level(self, value):
        self._level = value


tank = Tank()


def fill():
    for _ in range(2):
        tank.level += 1


threads = [threading.Thread(target=fill) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tank.level)
