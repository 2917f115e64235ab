"""A baker puts ten loaves on the counter and joins it; a customer takes them.

Look for: which `put` each `get` took; the `join` released by the last `task_done`. And the
mistake: `qsize() > 0` and the `get` after it are two steps. With two customers, the second could
wait for ever for a loaf that the first one took.
"""

import queue
import threading
import time

counter = queue.Queue()


def baker():
    for number in range(1, 11):
        counter.put(f"brötchen {number}")
    counter.join()
    print("all loaves are gone")


def customer():
    time.sleep(0.02)
    while counter.qsize() > 0:
        print("eats", counter.get())
        counter.task_done()


threads = [threading.Thread(target=baker, name="baker"), threading.Thread(target=customer, name="customer")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
