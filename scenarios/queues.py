"""Queue, LifoQueue and PriorityQueue: full and empty, with and without blocking.

Look for: each item from its `put` to its `get`; the `get` that timed out and the `put` that would
have blocked; the `join` that the last `task_done` released.
"""

import queue
import threading

line = queue.Queue(maxsize=2)
for person in ("first", "second"):
    line.put(person)
print("size", line.qsize(), "full", line.full(), "empty", line.empty())
try:
    line.put("third", block=False)
except queue.Full:
    print("the line is full")


def desk():
    for _ in range(3):
        print("serves", line.get())
        line.task_done()


clerk = threading.Thread(target=desk, name="clerk")
clerk.start()
line.put("third")
line.join()
clerk.join()
try:
    line.get(timeout=0.05)
except queue.Empty:
    print("the line is empty")

plates = queue.LifoQueue()
ward = queue.PriorityQueue()
for number in (2, 3, 1):
    plates.put(number)
    ward.put(number)
print("plates", [plates.get() for _ in range(3)], "ward", [ward.get() for _ in range(3)])
