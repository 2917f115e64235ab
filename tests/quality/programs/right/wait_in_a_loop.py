# CLEAN: the wait is repeated until it says that the event is set
import threading

ready = threading.Event()
total = 0


def first():
    global total
    total += 1
    ready.set()


def second():
    global total
    while not ready.wait(0.001):
        pass
    total += 10


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 11
