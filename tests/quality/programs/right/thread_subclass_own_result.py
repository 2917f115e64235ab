# CLEAN: each thread has its result in its own object, which main reads after join
import threading


class Worker(threading.Thread):
    def __init__(self, number):
        super().__init__()
        self.number = number
        self.result = None

    def run(self):
        self.result = self.number * self.number


workers = [Worker(number) for number in range(3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
assert sum(worker.result for worker in workers) == 5
