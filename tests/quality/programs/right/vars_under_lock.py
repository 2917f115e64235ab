# CLEAN: one lock for both names of the same variable
import threading


class Tank:
    level = 0


tank = Tank()
tank.level = 0
lock = threading.Lock()


def fill():
    with lock:
        vars(tank)["level"] += 1


def drain():
    with lock:
        tank.level -= 1


threads = [threading.Thread(target=function) for function in (fill, drain, fill)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert tank.level == 1
