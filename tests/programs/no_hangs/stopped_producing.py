"""A producer and a consumer with a bounded queue, at work."""

import queue
import threading

items = queue.Queue(2)


def produce():
    while True:
        items.put(1)


def consume():
    while True:
        items.get()


threads = [threading.Thread(target=work, daemon=True) for work in (produce, consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
