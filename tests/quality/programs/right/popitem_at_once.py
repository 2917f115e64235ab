# CLEAN: popitem is one step, and says which it took
import threading

idle = {"w1": 1, "w2": 2, "w3": 3}
taken = []


def take():
    name, number = idle.popitem()
    taken.append((name, number))


threads = [threading.Thread(target=take) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(taken) == 2 and len(idle) == 1
