"""The consumer asks qsize(), but after all has been put, and nobody else takes anything."""

import queue
import threading

q = queue.Queue()
filled = threading.Event()


def produce():
    for number in range(10):
        q.put(number)
    filled.set()
    q.join()


def consume():
    filled.wait()
    while q.qsize() > 0:
        q.get()
        q.task_done()


threads = [threading.Thread(target=produce), threading.Thread(target=consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
