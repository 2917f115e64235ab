# CLEAN: only one thread takes from the heap; what others push makes its look no lie
import heapq
import threading

due = [5]
fired = []


def plan(time):
    heapq.heappush(due, time)


def fire(now):
    while due:
        if due[0] > now:
            break
        fired.append(heapq.heappop(due))


threads = [threading.Thread(target=plan, args=(time,)) for time in (1, 9)]
threads.append(threading.Thread(target=fire, args=(6,)))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(fired + due) == [1, 5, 9]
