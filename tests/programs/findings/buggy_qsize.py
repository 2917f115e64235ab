"""The consumer asks qsize(): if it comes before the producer, it leaves and join() never ends."""

import queue
import threading
import time

q = queue.Queue()


def produce():
    for i in range(10):
        q.put(i)
    q.join()


def consume():
    while q.qsize() > 0:
        q.get()
        q.task_done()


a = threading.Thread(target=produce)
b = threading.Thread(target=consume)
a.start()
time.sleep(0.1)
b.start()
a.join()
b.join()
