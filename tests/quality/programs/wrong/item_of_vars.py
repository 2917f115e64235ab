# FINDS: lost-update on level
# vars(object) is the object's attributes.
import threading


class Tank:
    pass


tank = Tank()
tank.level = 0


def fill():
    for _ in range(2):
        vars(tank)["level"] += 1


threads = [threading.Thread(target=fill) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(tank.level)
