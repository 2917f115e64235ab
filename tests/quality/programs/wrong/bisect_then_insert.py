# FINDS: atomicity-violation on ordered
# The place is found in one step, and used in another: the list is no longer sorted.
import bisect
import threading

ordered = [10, 20, 30]


def add(number):
    place = bisect.bisect(ordered, number)
    ordered.insert(place, number)


threads = [threading.Thread(target=add, args=(each,)) for each in (15, 12, 25)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(ordered)
