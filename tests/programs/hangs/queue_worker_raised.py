"""The worker dies of an exception, so nobody takes the other jobs."""

import queue
import threading

jobs = queue.Queue()


def work():
    while True:
        job = jobs.get()
        10 / job
        jobs.task_done()


threading.Thread(target=work, name="worker", daemon=True).start()
for job in (1, 0, 2):
    jobs.put(job)
jobs.join()
