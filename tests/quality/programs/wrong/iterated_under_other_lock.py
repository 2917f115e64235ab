# FINDS: atomicity-violation | data-race on members
# The loop holds one lock, the change another.
import threading

read_lock = threading.Lock()
write_lock = threading.Lock()
members = {"ann": 1, "bob": 2}


def add():
    with write_lock:
        members["cy"] = 3


def total():
    with read_lock:
        result = 0
        for age in members.values():
            result += age


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (total, add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
