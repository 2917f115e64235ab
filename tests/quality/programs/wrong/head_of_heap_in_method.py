# FINDS: atomicity-violation on heap
# next_due() and take() each lock, but who has looked may take another one.
import heapq
import threading


class Schedule:
    def __init__(self, times):
        self.heap = list(times)
        self.lock = threading.Lock()

    def next_due(self):
        with self.lock:
            first = self.heap[0]
        return first

    def take(self):
        with self.lock:
            return heapq.heappop(self.heap)


schedule = Schedule([1, 2, 3])
late = []


def work():
    due = schedule.next_due()
    if schedule.take() != due:
        late.append(due)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(late)
