"""Jobs go through a queue to the workers, and task_done brings them back."""

import queue
import threading

q = queue.Queue()
out = queue.Queue()


class Job:
    def __init__(self, n):
        self.n = n
        self.result = None


def work():
    while True:
        j = q.get()
        if j is None:
            break
        j.result = j.n * 2
        j.n += 1
        out.put(j)
        q.task_done()


ts = [threading.Thread(target=work) for i in range(3)]
for t in ts:
    t.start()
jobs = [Job(i) for i in range(20)]
for j in jobs:
    q.put(j)
q.join()
print(sum(j.result for j in jobs))
for _ in ts:
    q.put(None)
for t in ts:
    t.join()
while not out.empty():
    print(out.get().n, end=" ")
