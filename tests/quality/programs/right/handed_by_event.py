# CLEAN: set comes after the change, wait before the next one
import threading

ready = threading.Event()
value = 0


def first():
    global value
    value += 5
    ready.set()


def second():
    global value
    ready.wait()
    value *= 2


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert value == 10
