# CLEAN: the orders of the two locks differ, but only one thread at a time is past the gate
import threading

gate = threading.Lock()
left = threading.Lock()
right = threading.Lock()
total = 0


def one():
    global total
    with gate, left, right:
        total += 1


def other():
    global total
    with gate, right, left:
        total += 2


threads = [threading.Thread(target=function) for function in (one, other, one)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 4
