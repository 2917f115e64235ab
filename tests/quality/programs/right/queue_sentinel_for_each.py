# CLEAN: as many sentinels as workers
import queue
import threading

jobs = queue.Queue()
done = []


def work():
    while (job := jobs.get()) is not None:
        done.append(job)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for number in range(4):
    jobs.put(number)
for thread in threads:
    jobs.put(None)
for thread in threads:
    thread.join()
assert sorted(done) == [0, 1, 2, 3]
