# FINDS: lost-update on level
# The proxy hands reads and stores on to the object behind it.
import threading


class Proxy:
    def __init__(self, target):
        object.__setattr__(self, "_target", target)

    def __getattr__(self, name):
        return getattr(self._target, name)

    def __setattr__(self, name, value):
        setattr(self._target, name, value)


class Tank:
    level = 0


tank = Tank()
tank.level = 0
proxy = Proxy(tank)


def fill():
    for _ in range(2):
        proxy.level += 1


threads = [threading.Thread(target=fill) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tank.level)
