# FINDS: atomicity-violation on top
# Both see room for one more, and both push.
import heapq
import threading

top = [3]


def offer(value):
    if len(top) < 2:
        heapq.heappush(top, value)


threads = [threading.Thread(target=offer, args=(each,)) for each in (5, 9)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(top))
