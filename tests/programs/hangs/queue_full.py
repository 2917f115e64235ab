"""The consumer ends early, and the queue fills up."""

import queue
import threading

items = queue.Queue(maxsize=2)


def consume():
    items.get()


consumer = threading.Thread(target=consume, name="consumer")
consumer.start()
for number in range(6):
    items.put(number)
consumer.join()
