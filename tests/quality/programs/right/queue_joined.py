# CLEAN: join waits for all task_done; daemons wait on for ever
import queue
import threading

jobs = queue.Queue()
done = []


def work():
    while True:
        job = jobs.get()
        done.append(job)
        jobs.task_done()


for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
for number in range(4):
    jobs.put(number)
jobs.join()
assert sorted(done) == [0, 1, 2, 3]
