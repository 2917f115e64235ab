"""Three bakers share a counter with room for two loaves; two customers empty it.

Look for: a `put` that waits for room, and which `get` made it; each loaf from its put to its get.
"""

import queue
import threading

counter = queue.Queue(maxsize=2)
eaten = []
table = threading.Lock()


def bake(baker):
    for number in range(4):
        counter.put((baker, number))


def eat():
    while (loaf := counter.get()) is not None:
        with table:
            eaten.append(loaf)


bakers = [threading.Thread(target=bake, args=(name,)) for name in "abc"]
customers = [threading.Thread(target=eat) for _ in range(2)]
for thread in bakers + customers:
    thread.start()
for thread in bakers:
    thread.join()
for _ in customers:
    counter.put(None)
for thread in customers:
    thread.join()
print(len(eaten), "loaves are eaten")
