# CLEAN: the heap is looked at and changed under one lock
import heapq
import threading

lock = threading.Lock()
due = [1, 3, 5]
fired = []


def fire(now):
    with lock:
        while due and due[0] <= now:
            fired.append(heapq.heappop(due))


threads = [threading.Thread(target=fire, args=(each,)) for each in (2, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert fired == [1, 3] and due == [5]
