import queue
import random
import threading
import time

q = queue.Queue()


def produce():
    for number in range(10):
        time.sleep(random.random() / 50)
        q.put(number)


def consume():
    taken = 0
    while taken < 10:
        time.sleep(random.random() / 50)
        if not q.empty():
            q.get()
            taken += 1
    print("taken", taken)


threads = [threading.Thread(target=produce), threading.Thread(target=consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
