# FINDS: atomicity-violation on jobs
# The consumer finds the queue empty before the producer has put, and leaves for good.
import queue
import threading

jobs = queue.Queue()
done = []


def produce():
    for number in range(3):
        jobs.put(number)


def consume():
    while not jobs.empty():
        done.append(jobs.get())


threads = [threading.Thread(target=function) for function in (produce, consume)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(done))
