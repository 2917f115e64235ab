# CLEAN: is_set() that was true comes after the set
import threading
import time

ready = threading.Event()
table = {}


def fill():
    table["a"] = 1
    ready.set()


def use():
    while not ready.is_set():
        time.sleep(0.001)
    table["a"] += 1


threads = [threading.Thread(target=function) for function in (use, fill)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert table["a"] == 2
