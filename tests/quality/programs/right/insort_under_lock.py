# CLEAN: the place is found and used under one lock
import bisect
import threading

lock = threading.Lock()
ordered = [10, 20, 30]


def add(number):
    with lock:
        place = bisect.bisect(ordered, number)
        ordered.insert(place, number)


threads = [threading.Thread(target=add, args=(each,)) for each in (15, 12, 25)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert ordered == [10, 12, 15, 20, 25, 30]
