# FINDS: atomicity-violation on items
# The item and the notify come between the look and the wait, which is then for nothing.
import threading
from collections import deque

items = deque()
changed = threading.Condition()
got = []


def consume():
    if not items:
        with changed:
            changed.wait(0.05)
    got.append(len(items))


def produce():
    items.append(1)
    with changed:
        changed.notify()


threads = [threading.Thread(target=function) for function in (consume, consume, produce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(got)
