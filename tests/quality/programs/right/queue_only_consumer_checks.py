# CLEAN: one consumer, which comes back until it has all
import queue
import threading

jobs = queue.Queue()
done = []


def produce():
    for number in range(3):
        jobs.put(number)


def consume():
    while len(done) < 3:
        if jobs.empty():
            jobs.put(jobs.get())
        done.append(jobs.get())


threads = [threading.Thread(target=function) for function in (produce, consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == [0, 1, 2]
