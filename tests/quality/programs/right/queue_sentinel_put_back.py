# CLEAN: who gets the sentinel puts it back for the next one
import queue
import threading

jobs = queue.Queue()
done = []


def work():
    while True:
        job = jobs.get()
        if job is None:
            jobs.put(None)
            return
        done.append(job)


for number in (1, 2, 3):
    jobs.put(number)
jobs.put(None)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == [1, 2, 3]
