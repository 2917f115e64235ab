# FINDS: atomicity-violation on lock
# busy() says no to both, and the second start waits for the first to end.
import threading


class Job:
    def __init__(self):
        self.lock = threading.Lock()
        self.runs = 0

    def busy(self):
        return self.lock.locked()

    def start(self):
        if self.busy():
            return False
        with self.lock:
            self.runs += 1
        return True


job = Job()

threads = [threading.Thread(target=job.start) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(job.runs)
