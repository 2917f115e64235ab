"""The same with random pauses, and a customer that asks `empty()` first.

Look for: each `put` and its `get`, and how often the customer found the counter empty.
"""

import queue
import random
import threading
import time

counter = queue.Queue()


def baker():
    for number in range(1, 9):
        time.sleep(random.uniform(0.005, 0.02))
        counter.put(f"bun {number}")


def customer():
    eaten = 0
    while eaten < 8:
        time.sleep(random.uniform(0.005, 0.02))
        if counter.empty():
            print("nothing there yet")
            continue
        print("eats", counter.get())
        eaten += 1


threads = [threading.Thread(target=baker, name="baker"), threading.Thread(target=customer, name="customer")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
