# FINDS: atomicity-violation on idle
# Both take the same first key; the second pop raises KeyError.
import threading

idle = {"w1": 1, "w2": 1}


def take():
    name = next(iter(idle))
    idle.pop(name)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=take) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
