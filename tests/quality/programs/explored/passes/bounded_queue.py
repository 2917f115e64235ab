# A bounded queue between two threads.
import queue
import threading

q = queue.Queue(1)
got = []


def produce():
    for number in range(3):
        q.put(number)


def consume():
    for _ in range(3):
        got.append(q.get())


threads = [threading.Thread(target=consume), threading.Thread(target=produce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == [0, 1, 2]
