# CLEAN: who has missed the notify looks again after a while
import threading
from collections import deque

items = deque()
changed = threading.Condition()
got = []


def consume():
    while not got:
        if not items:
            with changed:
                changed.wait(0.01)
            continue
        got.append(items.popleft())


def produce():
    items.append(1)
    with changed:
        changed.notify()


threads = [threading.Thread(target=function) for function in (consume, produce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == [1]
