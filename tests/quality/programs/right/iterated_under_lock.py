# CLEAN: the loop and the change hold one lock
import threading

lock = threading.Lock()
members = {"ann": 1, "bob": 2}
totals = []


def add():
    with lock:
        members["cy"] = 3


def total():
    result = 0
    with lock:
        for age in members.values():
            result += age
    totals.append(result)


threads = [threading.Thread(target=function) for function in (total, add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals[0] in (3, 6)
