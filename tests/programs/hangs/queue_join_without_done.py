"""A worker takes the jobs, and forgets to say that one is done."""

import queue
import threading

jobs = queue.Queue()


def work():
    while True:
        job = jobs.get()
        if job == 2:
            continue
        jobs.task_done()


threading.Thread(target=work, name="worker", daemon=True).start()
for job in range(4):
    jobs.put(job)
jobs.join()
