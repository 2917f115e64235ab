"""Two consumers, and one sentinel."""

import queue
import threading

items = queue.Queue()


def consume():
    while items.get() is not None:
        pass


consumers = [threading.Thread(target=consume, name=f"consumer{n}") for n in range(2)]
for one in consumers:
    one.start()
for item in (1, 2, None):
    items.put(item)
for one in consumers:
    one.join()
