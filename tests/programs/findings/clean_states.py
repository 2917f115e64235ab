"""A job that only the thread runs that took it from one state to the next."""

import threading


class Job:
    def __init__(self):
        self.state = "new"
        self.result = None
        self.lock = threading.Lock()

    def run(self):
        with self.lock:
            if self.state != "new":
                return
            self.state = "running"
        result = 6 * 7
        with self.lock:
            self.result = result
            self.state = "done"


job = Job()
threads = [threading.Thread(target=job.run) for _ in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
