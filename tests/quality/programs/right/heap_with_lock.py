# CLEAN: push and pop are under one lock
import heapq
import threading

lock = threading.Lock()
heap = []
popped = []


def work(number):
    with lock:
        heapq.heappush(heap, number)
    with lock:
        popped.append(heapq.heappop(heap))


threads = [threading.Thread(target=work, args=(each,)) for each in (3, 1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(popped) == [1, 2, 3] and not heap
