# REPLAYS: several threads that get from a queue, and put into it, with timeouts
import queue
import threading

items = queue.Queue(1)
out = []


def put(k):
    for i in range(6):
        try:
            items.put(10 * k + i, timeout=0.001)
        except queue.Full:
            out.append("full")


def get():
    for _ in range(6):
        try:
            out.append(items.get(timeout=0.001))
        except queue.Empty:
            out.append("empty")


threads = [threading.Thread(target=put, args=(k,)) for k in range(2)]
threads += [threading.Thread(target=get) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(out)
