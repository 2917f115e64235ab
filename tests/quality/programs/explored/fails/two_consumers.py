# FAILS: no thread can go on
# Two consumers look whether there is an item, and then take it: the second waits forever.
import queue
import threading

q = queue.Queue()
q.put(1)


def consume():
    if not q.empty():
        q.get()


threads = [threading.Thread(target=consume) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
