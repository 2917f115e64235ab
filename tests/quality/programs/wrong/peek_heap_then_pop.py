# FINDS: atomicity-violation on due
# Both read the earliest, and two are taken off.
import heapq
import threading

due = [1, 3, 5]
fired = []


def fire(now):
    if due[0] <= now:
        fired.append(due[0])
        heapq.heappop(due)


threads = [threading.Thread(target=fire, args=(each,)) for each in (2, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(fired, due)
