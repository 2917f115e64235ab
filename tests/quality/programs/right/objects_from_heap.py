# CLEAN: the least used object is taken from a heap under the lock, and put back under it
import heapq
import threading

lock = threading.Lock()
places = threading.Semaphore(2)
heap = [(0, 0, {"uses": 0}), (0, 1, {"uses": 0})]


def use():
    with places:
        with lock:
            uses, number, entry = heapq.heappop(heap)
        entry["uses"] += 1
        with lock:
            heapq.heappush(heap, (entry["uses"], number, entry))


threads = [threading.Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(uses for uses, _, _ in heap) == 4
