# CLEAN: who finds none left goes without; who has taken them out puts the rest back
import threading

permits = {"door": 2}
inside = []


def enter():
    left = permits.pop("door", 0)
    if left > 0:
        inside.append(left)
        permits["door"] = left - 1


threads = [threading.Thread(target=enter) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert permits["door"] + len(inside) == 2
