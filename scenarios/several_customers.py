"""One loaf is left, and two customers see it.

Look for: both ask `qsize()` and see 1; one takes the loaf, and the other waits for ever in `get()`,
although it asked first. Both are daemon threads, so that the program can end.
"""

import queue
import threading
import time

counter = queue.Queue()
counter.put("brötchen")


def customer():
    while counter.qsize() > 0:
        time.sleep(0.05)  # looks for the purse
        print(threading.current_thread().name, "eats", counter.get())


customers = [
    threading.Thread(target=customer, name=name, daemon=True) for name in ("first", "second")
]
for thread in customers:
    thread.start()
for thread in customers:
    thread.join(timeout=0.2)
print("the shop closes")
