# CLEAN: the peek is put()'s own affair; take() does not rest on it
import heapq
import threading


class Tasks:
    def __init__(self):
        self.heap = []
        self.least = None
        self.lock = threading.Lock()

    def put(self, task):
        with self.lock:
            heapq.heappush(self.heap, task)
            self.least = self.heap[0]

    def take(self):
        with self.lock:
            return heapq.heappop(self.heap)


tasks = Tasks()
taken = []


def work(task):
    tasks.put(task)
    taken.append(tasks.take())


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(taken) == [1, 2, 3]
