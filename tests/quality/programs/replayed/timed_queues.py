import queue
import threading
import time

line = queue.Queue(1)
simple = queue.SimpleQueue()
out = []
TIMES = (0.0003, 0.0001, 0, 1e-7, 1e-5)


def take(k):
    for i in range(12):
        try:
            out.append((k, line.get(timeout=TIMES[i % 5])))
        except queue.Empty:
            out.append((k, "empty"))
        try:
            out.append((k, simple.get(timeout=TIMES[i % 5])))
        except queue.Empty:
            out.append((k, "none"))


def give(k):
    for i in range(12):
        try:
            line.put(i, timeout=TIMES[i % 5])
            simple.put(i)
        except queue.Full:
            out.append((k, "full"))
        time.sleep(0.0001)


takers = [threading.Thread(target=take, args=(k,)) for k in range(2)]
givers = [threading.Thread(target=give, args=(k,)) for k in range(3, 5)]
for t in takers + givers:
    t.start()
for t in givers:
    t.join()
# SimpleQueue.get of CPython 3.11 waits for one more item if its time is over when it is woken.
for _ in range(24):
    simple.put("one more")
for t in takers:
    t.join()
print(out)
